import fc from 'fast-check';
import { BUCKETS } from './columns';
import { bucketOf, estimateQuantile } from './histogram';

function countsOf(durations: number[]): number[] {
  const counts = new Array(BUCKETS).fill(0);
  durations.forEach(duration => {
    counts[bucketOf(duration)] += 1;
  });
  return counts;
}

describe('Histograms of durations', () => {
  it('estimate quantiles within a bucket of the exact ones, however they are merged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 900_000, noNaN: true }), {
          minLength: 1,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (durations, quantile, at) => {
          const middle = at % durations.length;
          const halves = [
            countsOf(durations.slice(0, middle)),
            countsOf(durations.slice(middle)),
          ];
          const merged = halves[0].map((count, n) => count + halves[1][n]);
          const estimate = estimateQuantile(merged, quantile)!;
          const sorted = durations.sort((one, other) => one - other);
          const rank = Math.max(1, Math.ceil(quantile * sorted.length));
          const exact = sorted[rank - 1];
          const bucket = bucketOf(exact);
          const lower = bucket === 0 ? 0 : 32 * 2 ** ((bucket - 1) / 2);
          expect(estimate).toBeGreaterThanOrEqual(Math.floor(lower));
          expect(estimate).toBeLessThanOrEqual(
            Math.ceil(32 * 2 ** (bucket / 2)),
          );
        },
      ),
    );
  });

  it('know no quantile of nothing, and say at least how long the longest took', () => {
    expect(estimateQuantile(countsOf([]), 0.5)).toBeUndefined();
    expect(estimateQuantile(countsOf([86_400_000]), 0.5)).toBe(1_048_576);
  });
});
