import { BUCKETS } from './columns';

/** Upper bound of the first bucket. Each further one is wider by the factor √2, up to 17 minutes; the last has no bound. */
const FIRST_MS = 32;

/** Upper bound of a bucket, inclusive. */
function boundMs(bucket: number): number {
  return FIRST_MS * 2 ** (bucket / 2);
}

/** The bucket that a duration falls into. Always the same ones, so that histograms can be added up. */
export function bucketOf(durationMs: number): number {
  return durationMs <= FIRST_MS
    ? 0
    : Math.min(BUCKETS - 1, Math.ceil(2 * Math.log2(durationMs / FIRST_MS)));
}

/**
 * Estimates a quantile. It is off by less than the width of a bucket, which is 41 %
 * of its lower bound; 17 minutes when it is longer than that.
 *
 * @param counts - of each bucket
 * @param quantile - between 0 and 1
 * @returns milliseconds, or undefined when nothing was counted
 */
export function estimateQuantile(
  counts: readonly number[],
  quantile: number,
): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return undefined;
  }
  const rank = Math.max(1, Math.ceil(quantile * total));
  let before = 0;
  const bucket = counts.findIndex(count => {
    before += count;
    return before >= rank;
  });
  const share = (rank - (before - counts[bucket])) / counts[bucket];
  const lowerMs = bucket === 0 ? 0 : boundMs(bucket - 1);
  const upperMs = bucket === BUCKETS - 1 ? lowerMs : boundMs(bucket);
  return Math.round(lowerMs + share * (upperMs - lowerMs));
}
