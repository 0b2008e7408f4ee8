import {
  DurationQuantiles,
  RequestOutcome,
  UsageSums,
} from '@prompt-corner/plugin-ai-proxy-common';
import {
  bucketColumn,
  BUCKET_COLUMNS,
  BUCKETS,
  Count,
  COUNTS,
  estimateQuantile,
  Histogram,
} from '../store';

const OUTCOMES: RequestOutcome[] = [
  'ok',
  'cached',
  'refused',
  'rejected',
  'failed',
  'aborted',
];

/** A row of sums; PostgreSQL has 64 bits for them, which come as texts. */
export type SumsRow = Record<string, string | number | null>;

/** SQL that sums up rows of a roll-up `u` with its series `s`. */
export function sumsOfRollup(withDurations: boolean): string {
  return [
    ...COUNTS.map(column => `sum(u.${column}) as ${column}`),
    ...OUTCOMES.map(
      outcome =>
        `sum(case when s.outcome = '${outcome}' then u.requests else 0 end) as outcome_${outcome}`,
    ),
    ...(withDurations ? BUCKET_COLUMNS : []).map(
      column => `sum(u.${column}) as ${column}`,
    ),
  ].join(', ');
}

/** SQL that sums up what {@link sumsOfRollup} made. */
export function sumsOfSums(withDurations: boolean): string {
  return [
    ...COUNTS,
    ...OUTCOMES.map(outcome => `outcome_${outcome}`),
    ...(withDurations ? BUCKET_COLUMNS : []),
  ]
    .map(column => `sum(${column}) as ${column}`)
    .join(', ');
}

/** The same for people; no row is no requests. */
export function toSums(row: SumsRow = {}): UsageSums {
  const count = (column: Count) => Number(row[column] ?? 0);
  const input = count('input_tokens');
  const cacheRead = count('cache_read_tokens');
  const cacheWrite5m = count('cache_write_5m_tokens');
  const cacheWrite1h = count('cache_write_1h_tokens');
  const allInput = input + cacheRead + cacheWrite5m + cacheWrite1h;
  const sums: UsageSums = {
    requests: count('requests'),
    outcomes: Object.fromEntries(
      OUTCOMES.map(outcome => [
        outcome,
        Number(row[`outcome_${outcome}`] ?? 0),
      ]),
    ) as Record<RequestOutcome, number>,
    attempts: count('attempts'),
    streamed: count('streamed'),
    estimated: count('estimated'),
    unpriced: count('unpriced'),
    tokens: {
      inputTokens: input,
      cacheReadTokens: cacheRead,
      cacheWrite5mTokens: cacheWrite5m,
      cacheWrite1hTokens: cacheWrite1h,
      outputTokens: count('output_tokens'),
      reasoningTokens: count('reasoning_tokens'),
    },
    cacheHitRate: allInput > 0 ? cacheRead / allInput : null,
    costNanoUsd: count('cost_nano_usd'),
    savedNanoUsd: count('saved_nano_usd'),
  };
  const latencyMs = quantilesOf(row, 'latency');
  if (latencyMs) {
    sums.latencyMs = latencyMs;
  }
  const timeToFirstByteMs = quantilesOf(row, 'first_byte');
  if (timeToFirstByteMs) {
    sums.timeToFirstByteMs = timeToFirstByteMs;
  }
  return sums;
}

function quantilesOf(
  row: SumsRow,
  histogram: Histogram,
): DurationQuantiles | undefined {
  const counts = Array.from({ length: BUCKETS }, (_, bucket) =>
    Number(row[bucketColumn(histogram, bucket)] ?? 0),
  );
  const p50 = estimateQuantile(counts, 0.5);
  return p50 === undefined
    ? undefined
    : {
        p50,
        p95: estimateQuantile(counts, 0.95)!,
        p99: estimateQuantile(counts, 0.99)!,
      };
}
