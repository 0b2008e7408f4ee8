import type {
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';

/** Things that a provider keeps for whoever made them. */
export type StoredKind =
  | 'file'
  | 'upload'
  | 'batch'
  | 'response'
  | 'cache'
  | 'container'
  | 'vector-store';

/** What a request asks of a provider. */
export type Operation = {
  api: ApiName;
  /** As usage names it; the wire format where it asks a model. */
  name: string;
  /** Path below the provider's base URL, with a slash in front; without query. */
  path: string;
} & (
  | {
      /** Asks a model. */
      kind: 'inference';
      format: WireFormat;
      /** Where the path says it and not the body. */
      inPath?: { model: string; streaming: boolean };
    }
  | {
      /** Counts tokens, for nothing. */
      kind: 'count';
      format: WireFormat;
      inPath?: { model: string; streaming: boolean };
    }
  /** Asks which models there are; answered from the catalogue. */
  | { kind: 'models'; model?: string }
  /** Makes something that the provider keeps. */
  | { kind: 'create'; stores: StoredKind; format?: WireFormat; model?: string }
  /** Reads, changes or deletes something that the provider keeps. */
  | { kind: 'stored'; stores: StoredKind; id: string; deletes: boolean }
  /** Lists what the provider keeps. */
  | { kind: 'list'; stores: StoredKind }
  /** Whatever an administrator allows besides. */
  | { kind: 'other' }
);
