/** By what usage is told apart, and filtered. @public */
export const USAGE_DIMENSIONS = [
  /** UUID of a user or service. */
  'principal',
  /** Entity ref. A request counts in each team of its caller, nested ones too: teams add up to more than there was. */
  'team',
  /** `user` or `service`. */
  'principalKind',
  /** Id of the OAuth client. */
  'client',
  'api',
  'provider',
  'deployment',
  'operation',
  'model',
  'outcome',
  'refusal',
  'serviceTier',
  /** Entity refs. */
  'component',
  'system',
  'domain',
] as const;

/** @public */
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** Lengths of the intervals of a timeline; a week begins on Monday. @public */
export const USAGE_INTERVALS = ['hour', 'day', 'week', 'month'] as const;

/** @public */
export type UsageInterval = (typeof USAGE_INTERVALS)[number];

/** A time, counted in whole hours: it is widened to those that it touches. @public */
export interface UsageRange {
  /** ISO 8601. Default: 30 days before `to`. */
  from?: string;
  /** ISO 8601. Default: now. */
  to?: string;
}

/**
 * Which usage is meant: that with one of the given values in each given dimension.
 * An empty text stands for what has none.
 *
 * @public
 */
export type UsageFilters = Partial<Record<UsageDimension, string[]>>;

/** A question about usage. @public */
export interface UsageQuestion extends UsageRange, UsageFilters {
  /** Three at most. Default: none, so that there are totals only. */
  by?: UsageDimension[];
  /** Default: none, so that there is no timeline. */
  interval?: UsageInterval;
  /** IANA name, by which days, weeks and months begin. Default: UTC. */
  timeZone?: string;
  /** Groups, those with the highest cost. Default: 50; at most 500. */
  limit?: number;
}

/** What to export. @public */
export interface UsageExportQuestion extends UsageRange {
  /** Whose requests; `organisation` needs the permission `ai-proxy.usage.read`. Default: mine. */
  of?: 'mine' | 'organisation';
  /** Default: csv. */
  format?: 'csv' | 'ndjson';
  /** Where the export before ended, as its header `x-usage-next` says. */
  after?: string;
}
