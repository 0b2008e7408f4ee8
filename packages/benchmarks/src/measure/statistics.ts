/**
 * The value below which a share of the values lies, by the nearest rank.
 *
 * @param values - in any order, at least one
 * @param share - 0.5 for the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.max(rank - 1, 0)];
}

/** The arithmetic mean of at least one value. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
