import type { Pin } from '../upstream';
import type { StoredKind } from '../wire';

/** Something that a provider keeps, and whose it is. */
export interface OwnedObject {
  /** Name of the provider. */
  provider: string;
  kind: StoredKind;
  /** As the provider's paths name it: for Gemini without `files/`. */
  id: string;
  /** UUID of who made it. */
  principal: string;
  /** Name of the deployment and key at which it lives. */
  target: string;
  /** Milliseconds since the epoch. */
  createdAtMs: number;
  detail: ObjectDetail;
}

/** Where a request has to go, for what it refers to. */
export interface Place extends Pin {
  /** What that adds to its input, in tokens, as far as it is known. */
  inputTokens: number;
}

/** What the proxy has to know of an object besides. */
export interface ObjectDetail {
  /** What a file is for, as OpenAI words it: `batch`, `assistants`. */
  purpose?: string;
  /** Id of the batch whose results a file has. */
  resultsOf?: string;
  /** How much it adds to the input of a request that refers to it, in tokens, where that was told. */
  tokens?: number;
  /** What was found in a file of requests, where it was checked; see the folder `batches`. */
  batch?: unknown;
}
