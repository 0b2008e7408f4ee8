/** Columns that the roll-ups add up. */
export const COUNTS = [
  'requests',
  'attempts',
  'streamed',
  /** Requests whose tokens are estimated, at least in part. */
  'estimated',
  /** Requests with tokens and without a price. */
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
  /** By the provider's prompt cache and the proxy's own. */
  'saved_nano_usd',
] as const;

export type Count = (typeof COUNTS)[number];

/** What {@link BUCKETS | buckets} of the roll-ups are of. */
export const HISTOGRAMS = ['latency', 'first_byte'] as const;

export type Histogram = (typeof HISTOGRAMS)[number];

/** Buckets of a histogram; see `histogram.ts`. */
export const BUCKETS = 32;

const BUCKET_NAMES = Object.fromEntries(
  HISTOGRAMS.map(histogram => [
    histogram,
    Array.from({ length: BUCKETS }, (_, bucket) => `${histogram}_${bucket}`),
  ]),
) as Record<Histogram, string[]>;

/** Name of the column of a bucket. */
export function bucketColumn(histogram: Histogram, bucket: number): string {
  return BUCKET_NAMES[histogram][bucket];
}

/** All columns of buckets. */
export const BUCKET_COLUMNS = HISTOGRAMS.flatMap(
  histogram => BUCKET_NAMES[histogram],
);

/** Columns of `usage_series`, each with how long its texts may be. */
export const SERIES_LENGTHS = {
  principal_kind: 16,
  client: 256,
  api: 32,
  provider: 128,
  deployment: 128,
  operation: 64,
  model: 256,
  outcome: 16,
  refusal: 256,
  service_tier: 64,
  component: 256,
  system: 256,
  domain: 256,
} as const;

export type SeriesColumn = keyof typeof SERIES_LENGTHS;

export const SERIES_COLUMNS = Object.keys(SERIES_LENGTHS) as SeriesColumn[];

/** Those that `usage_by_model` does not tell apart: there are thousands of components. */
export const CALLER_ONLY: ReadonlySet<SeriesColumn> = new Set([
  'component',
  'system',
  'domain',
]);

const HOUR_MS = 3_600_000;

/** Hours from 1970-01-01T00:00Z to the begin of the one with this time. */
export function hourOf(time: Date): number {
  return Math.floor(time.getTime() / HOUR_MS);
}

/** Begin of an hour. */
export function timeOf(hour: number): Date {
  return new Date(hour * HOUR_MS);
}
