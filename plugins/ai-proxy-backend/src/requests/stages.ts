import type {
  CatalogueModel,
  TokenUsage,
  UsageEvent,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { BodyRoom } from '../bodies';
import type { ResponseCache } from '../cache';
import type { PromptGuards } from '../guards';
import type { InputEstimates, MeteredUsage } from '../metering';
import type { Place } from '../ownership';
import type { PromptReader } from '../prompts';
import type { Candidate, Routes } from '../providers';
import type { Answer, Upstreams } from '../upstream';
import type { InferenceRequest } from '../wire';
import type { Exchange } from './Exchange';

/** Why a candidate may not be asked, or nothing. */
export type Denial = { reason: string; message: string } | undefined;

/** What the usage of an answer was. */
export type Metered = Pick<
  MeteredUsage,
  | 'tokens'
  | 'source'
  | 'serviceTier'
  | 'model'
  | 'responseId'
  | 'otherModels'
  | 'toolRequests'
  | 'errorInStream'
>;

/** What is set aside of budgets. */
export interface Reserved {
  settle(actual: { nanoUsd: number; tokens: number; requests: number }): void;
}

/** In 10^-9 US dollars; null where there is no price. */
export type Cost = Pick<UsageEvent, 'costNanoUsd' | 'undiscountedNanoUsd'>;

/** What the stages need. */
export interface InferenceStages {
  routes: Routes;
  upstreams: Upstreams;
  maxBodyBytes: number;
  room: BodyRoom;
  forwardedHeaders: readonly string[];
  find(candidate: Candidate): CatalogueModel | undefined;
  prompts: PromptReader;
  /** What is in a request, in tokens, about. */
  inputEstimates: InputEstimates;
  deny(
    exchange: Exchange,
    candidate: Candidate,
    asked: InferenceRequest,
    inputTokens: number,
  ): Denial;
  /**
   * Where the things at a provider live to which a request refers, and what they add to it.
   *
   * @throws RefusedError when something belongs to somebody else
   */
  placeOf(
    exchange: Exchange,
    chain: Candidate[],
    asked: InferenceRequest,
  ): Place | undefined | Promise<Place | undefined>;
  guards?: PromptGuards;
  cache?: ResponseCache;
  /** The most that a request may take. */
  worstCaseOf(
    candidate: Candidate,
    asked: InferenceRequest,
    inputTokens: number,
    json: Buffer,
  ): TokenUsage;
  /** @throws RefusedError when a budget is used up */
  reserve(
    exchange: Exchange,
    candidate: Candidate,
    asked: InferenceRequest,
    inputTokens: number,
    json: Buffer,
  ): Reserved | Promise<Reserved>;
  createMeter(
    format: WireFormat,
    inputTokensEstimate: number,
  ): { feed(chunk: Buffer): void; end(how: 'complete' | 'cut'): Metered };
  costOf(candidate: Candidate, metered: Metered): Cost;
  /** Remembers whose a response is that the provider stores, and how much there is in it. */
  keepResponse(
    exchange: Exchange,
    answer: Answer,
    response: { id: string; tokens: number },
  ): void;
  record(event: UsageEvent): void;
}
