import type {
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';

/** What a request asks of a model, whatever its wire format. */
export interface InferenceRequest {
  api: ApiName;
  format: WireFormat;
  /** As the client wrote it. */
  model: string;
  streaming: boolean;
  /** The most that the model may write, in tokens, if the client says so; of all choices together. */
  maxOutputTokens?: number;
  /** How many answers are asked for, where it is more than one. */
  choices?: number;
  /** How much it is to reason: `low`, `high` and so on, or `budget:<tokens>`. */
  effort?: string;
  /** How many tokens it is to reason at most, where it says an effort as well; -1 for as many as it likes. */
  reasoningTokens?: number;
  /** Names of the client's own tools. */
  tools: string[];
  /** Types of tools that the provider runs, such as `web_search`. */
  serverTools: string[];
  /** Kinds of content that it has, and is asked for, besides text: `image`, `audio`, `file`, `video`. */
  modalities: string[];
  serviceTier?: string;
  /** Runs on when the client has gone, and is asked for later. */
  background: boolean;
  /** The client asks the provider to keep it; undefined where it leaves that to the provider. */
  store?: boolean;
  /** On which it is said to work, in `metadata`; as the client wrote it. */
  component?: string;
  /** Ids of things at the provider that it refers to, with the names under which they stand. */
  references: Reference[];
  /** Models that the provider may ask besides. */
  others?: OtherModel[];
}

/** A model that a provider may ask besides, with what it is asked otherwise. */
export type OtherModel = Partial<InferenceRequest> &
  Pick<InferenceRequest, 'model'>;

/** Something at the provider that a request refers to. */
export interface Reference {
  /** Such as `file_id`. */
  name: string;
  id: string;
}
