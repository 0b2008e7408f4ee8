import type {
  UsageEvent,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Fields, InferenceRequest } from '../wire';

/** One request of a batch. */
export interface BatchEntry {
  /** How the client knows it. */
  customId: string;
  /** As it is to a model, such as `/chat/completions`; below the version. */
  path: string;
  format: WireFormat;
  /** What a model is asked, as bytes and parsed. */
  json: Buffer;
  body: Fields;
}

/** What the requests of a batch to one model take from budgets. */
export interface BatchDemand {
  /** As the provider names it. */
  model: string;
  /** As the client wrote it. */
  requestedModel: string;
  format: WireFormat;
  requests: number;
  /** Counted, about. */
  inputTokens: number;
  /** The most that may be written. */
  outputTokens: number;
  /** What that costs, in 10^-9 US dollars; 0 where there is no price. */
  nanoUsd: number;
}

/** What policy is asked again when a file that was checked before becomes a batch. */
export interface BatchQuestion {
  asked: InferenceRequest;
  /** Of the largest request like it. */
  inputTokens: number;
}

/** What is known of a file of requests that was checked. */
export interface CheckedFile {
  /** The endpoint that its requests are for, as they write it. */
  url: string;
  demands: BatchDemand[];
  questions: BatchQuestion[];
}

/** A batch whose usage is to be counted, or was. */
export interface ModelBatch {
  /** Name of the provider. */
  provider: string;
  id: string;
  /** Name of the deployment and key at which it lives. */
  target: string;
  /** Of the request that made it: whose usage it is. */
  account: UsageEvent;
  demands: BatchDemand[];
  /** Milliseconds since the epoch. */
  createdAtMs: number;
  checkAtMs: number;
  countedAtMs?: number;
  /** What it took in the end. */
  used?: BatchUse[];
}

/** What a batch takes of budgets. */
export interface BatchAmount {
  /** 10^-9 US dollars. */
  nanoUsd: number;
  tokens: number;
  requests: number;
}

/** What the requests of a batch to one model took. */
export interface BatchUse extends BatchAmount {
  model: string;
}
