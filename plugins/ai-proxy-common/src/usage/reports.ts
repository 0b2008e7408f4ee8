import type { UsageDimension, UsageInterval } from './questions';
import type { RequestOutcome, TokenUsage } from './usage';

/**
 * Estimated from histograms: off by less than 41 %, and mostly by a tenth of that.
 *
 * @public
 */
export interface DurationQuantiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What requests add up to. @public */
export interface UsageSums {
  requests: number;
  /** Requests by what came of them. */
  outcomes: Record<RequestOutcome, number>;
  /** How often providers were asked. */
  attempts: number;
  /** Requests whose answer was streamed. */
  streamed: number;
  /** Requests whose tokens are estimated, at least in part. */
  estimated: number;
  /** Requests with tokens of models without a price; they cost nothing here. */
  unpriced: number;
  tokens: TokenUsage;
  /** Share of the input that came from providers' prompt caches, from 0 to 1; null without any input. */
  cacheHitRate: number | null;
  /** In 10^-9 US dollars. */
  costNanoUsd: number;
  /** By providers' prompt caches and the proxy's own; negative when writing to caches cost more than they saved. */
  savedNanoUsd: number;
  /** Users with a request that was not refused; missing where callers are not told apart. */
  activeUsers?: number;
  /** Of requests that were not refused. Missing where it would take too long to know, as with teams of the whole organisation. */
  latencyMs?: DurationQuantiles;
  timeToFirstByteMs?: DurationQuantiles;
}

/** Requests with the same values. @public */
export interface UsageGroup extends UsageSums {
  /** The value of each dimension that was asked for; empty when there is none. */
  key: Partial<Record<UsageDimension, string>>;
}

/** A group in an interval. @public */
export interface UsagePoint extends UsageGroup {
  /** ISO 8601 with the offset of the time zone: when the interval begins. It may begin before the range. */
  start: string;
}

/** Whole hours, as ISO 8601: `from` included, `to` not. @public */
export interface CountedRange {
  from: string;
  to: string;
}

/** The answer to a question about usage. @public */
export interface UsageReport extends CountedRange {
  timeZone: string;
  interval?: UsageInterval;
  totals: UsageSums;
  /** The highest cost first. */
  groups: UsageGroup[];
  /** Of these groups, or of all together; intervals without requests are left out. */
  timeline: UsagePoint[];
  /** What is missing, and how to get it. */
  more?: string;
}

/** How many use models, and how unevenly. @public */
export interface UsageAdoption extends CountedRange {
  timeZone: string;
  /** Users with a request that was not refused. */
  activeUsers: number;
  /** In the catalog now; of the team, with nested ones, where one was asked for. Null when the catalog does not answer. */
  users: number | null;
  /** Active ones of them, from 0 to 1. Those who left since are active ones as well. */
  adoptionRate: number | null;
  /** Of active users. */
  medianTokens: number | null;
  medianCostNanoUsd: number | null;
  /** Share of the tenth of the active users with the most, from 0 to 1. */
  topTenthShare: { requests: number | null; cost: number | null };
  /** Active users who cost twice the median or more. */
  usersToReview: number;
  /** Active users of each interval. */
  timeline: Array<{ start: string; activeUsers: number }>;
  /** What is missing, and how to get it. */
  more?: string;
}

/** Tokens and cost of some models. @public */
export interface ModelClassUsage {
  requests: number;
  /** Without reasoning, which is part of the output. */
  tokens: number;
  costNanoUsd: number;
  /** Of all tokens, from 0 to 1; null without any. */
  tokenShare: number | null;
  /** In 10^-9 US dollars; null without tokens that have a price. */
  costPerMillionTokensNanoUsd: number | null;
}

/** What caches and open-weight models save. @public */
export interface UsageSavings extends CountedRange {
  costNanoUsd: number;
  /** Without any cache. */
  undiscountedNanoUsd: number;
  /** By providers' prompt caches. */
  promptCacheSavedNanoUsd: number;
  /** By answers from the proxy's own cache. */
  responseCacheSavedNanoUsd: number;
  openWeight: ModelClassUsage;
  proprietary: ModelClassUsage;
  /** Of models that the catalogue does not know. */
  unknown: ModelClassUsage;
}

/** What one user or service did. @public */
export interface UserUsage extends UsageSums {
  /** UUID; `agent-auth` knows names, for those who may. */
  principal: string;
  principalKind: string;
  sessions: number;
  /** Days of the time zone with a request. */
  activeDays: number;
  /** ISO 8601: begin of the last hour with a request. */
  lastSeenHour: string;
  /** That with the highest cost. */
  topModel?: string;
  topProvider?: string;
}

/** A page of users. @public */
export interface UserUsagePage extends CountedRange {
  timeZone: string;
  /** The highest cost first. */
  items: UserUsage[];
  /** For the next page; missing on the last one. */
  nextOffset?: number;
  /** What is missing, and how to get it. */
  more?: string;
}

/** A conversation, as the client names it. @public */
export interface SessionUsage {
  client: string;
  session: string;
  /** ISO 8601. */
  firstAt: string;
  lastAt: string;
  requests: number;
  tokens: number;
  costNanoUsd: number;
}

/** Sessions, those with the highest cost first. @public */
export interface SessionPage {
  from: string;
  to: string;
  items: SessionUsage[];
  /** What is missing, and how to get it. */
  more?: string;
}

/** A session that cost unusually much. @public */
export interface UsageAnomaly extends SessionUsage {
  /** UUID. */
  principal: string;
  /** 95th percentile of the other sessions of the principal. */
  ownP95NanoUsd: number;
}

/**
 * Sessions that cost more than twice what 95 % of the same user's other sessions do,
 * and more than 99 % of all sessions. Nothing comes of it but this list.
 *
 * @public
 */
export interface UsageAnomalies {
  /** Sessions that ended in this time are looked at. */
  from: string;
  to: string;
  /** They are compared with those since then. */
  comparedSince: string;
  /** Null without sessions. */
  organisationP99NanoUsd: number | null;
  items: UsageAnomaly[];
  /** What is missing, and how to get it. */
  more?: string;
}
