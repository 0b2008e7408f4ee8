import type { Distribution } from '../../tokenChecks/load/LoadResult';
import type { Exchange } from '../exchanges/Exchange';

/** Where requests go, and with what. */
export interface Target {
  /** Of chat completions. */
  url: string;
  headers: Record<string, string>;
  /** Bearer tokens, by which clients are told apart; clients share them when there are fewer. */
  tokens: string[];
}

/** Asks targets one after the other, on one connection to each. */
export interface TurnsRequest {
  targets: Target[];
  exchange: Exchange;
  /** Of each target. */
  requests: number;
  /** In a row to one target, before it is the next one's turn. */
  inARow: number;
}

/** How long one exchange took. */
export interface Timing {
  /** Until the first bytes of the body arrived. */
  firstMs: number;
  /** Until its last. */
  lastMs: number;
}

/** What each target took, in their order. */
export type TurnsAnswer = Timing[][];

/** Opens many connections to one target. */
export interface LoadRequest {
  target: Target;
  exchange: Exchange;
  connections: number;
}

/** Asks on the connections that are open, again as soon as it was answered. */
export interface RunRequest {
  seconds: number;
}

/** What one load came to. */
export interface LoadAnswer {
  /** Answered, a second. */
  requestsPerSecond: number;
  firstMs: Distribution;
  lastMs: Distribution;
  /** Requests that were not answered, by what was said. */
  failures: Record<string, number>;
  /** All requests, with those before and after the time that counted. */
  requests: number;
}

/** Where a {@link TurnsRequest} is posted to. */
export const TURNS_PATH = '/turns';

/** Where a {@link LoadRequest} is posted to. */
export const OPEN_PATH = '/open';

/** Where a {@link RunRequest} is posted to. */
export const RUN_PATH = '/run';
