import type { BudgetVerdict } from '../report';
import type { LoadResult } from './load/LoadResult';
import type { Phases } from './measureTokenChecks';

const MAX_KNOWN_P50_MS = 0.1;
const MAX_P99_MS = 5;
const MAX_REVOCATION_MS = 5_000;

/** Judges what is promised of token checks. */
export function judgeTokenChecks(phases: Phases): BudgetVerdict[] {
  const { warm, refreshing, revoking, revocations } = phases;
  // Infinite when nothing was measured, which keeps no promise.
  const slowestMs = revocations.refusedAfterMs.length
    ? Math.max(...revocations.refusedAfterMs)
    : Infinity;
  const wrong = failuresOf(revocations.failures);
  return [
    {
      what: 'check of a known token, p50 from its start',
      budget: `<= ${MAX_KNOWN_P50_MS} ms`,
      measured: `${warm.sinceStartMs.p50.toFixed(3)} ms`,
      pass: warm.sinceStartMs.p50 <= MAX_KNOWN_P50_MS,
    },
    p99('known tokens', warm),
    p99('while facts are read again', refreshing),
    p99('while connections are revoked', revoking),
    {
      what: 'a revoked token is let in, at most',
      budget: `<= ${MAX_REVOCATION_MS / 1000} s`,
      measured: `${(slowestMs / 1000).toFixed(2)} s${failed(wrong)}`,
      pass: slowestMs <= MAX_REVOCATION_MS && wrong === 0,
    },
  ];
}

/** How many failed, of whatever kind. */
export function failuresOf(failures: Record<string, number>): number {
  return Object.values(failures).reduce((sum, each) => sum + each, 0);
}

/** A check that failed was not fast, however soon it did. */
function p99(when: string, result: LoadResult): BudgetVerdict {
  const wrong = failuresOf(result.failures);
  return {
    what: `${result.rate} checks a second, ${when}, p99 from when due`,
    budget: `<= ${MAX_P99_MS} ms`,
    measured: `${result.sinceDueMs.p99.toFixed(2)} ms${failed(wrong)}`,
    pass: result.sinceDueMs.p99 <= MAX_P99_MS && wrong === 0,
  };
}

function failed(count: number): string {
  return count ? `, ${count} failed` : '';
}
