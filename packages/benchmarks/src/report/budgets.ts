import type { ContenderName } from '../contenders';
import type { Measurement } from '../measure';
import type { QuestionResult } from '../measureCatalog';

/** A promise about our own numbers, and whether they keep it. */
export interface BudgetVerdict {
  what: string;
  /** The most that is allowed, in words. */
  budget: string;
  measured: string;
  pass: boolean;
}

interface Ratio {
  value: number;
  /** What a reader should know beside the number. */
  remark?: string;
}

/**
 * Judges the catalog's budgets. One whose numbers were not measured in this
 * run is left out.
 */
export function judgeBudgets(results: QuestionResult[]): BudgetVerdict[] {
  const find = (id: string, name: ContenderName) =>
    results
      .find(result => result.id === id)
      ?.measurements.find(({ contender }) => contender === name);
  const ratio = (
    what: string,
    limit: number,
    peer: ContenderName,
    describe: (own: Measurement, other: Measurement) => Ratio,
  ): BudgetVerdict[] => {
    const own = find('what-is', 'prompt-corner');
    const other = find('what-is', peer);
    if (!own || !other) {
      return [];
    }
    const { value, remark = '' } = describe(own, other);
    return [
      {
        what,
        budget: `<= ${limit}x`,
        measured: `${value.toFixed(2)}x${remark}`,
        pass: value <= limit,
      },
    ];
  };
  const traversal = find('dependencies', 'prompt-corner');
  return [
    ...ratio(
      'one entity, p50, to a direct catalog call',
      1.5,
      'direct',
      (own, other) => ({ value: own.p50Ms / other.p50Ms }),
    ),
    ...ratio(
      'one entity, p50, to mcp-actions',
      0.25,
      'mcp-actions',
      (own, other) => ({ value: own.p50Ms / other.p50Ms }),
    ),
    ...ratio(
      'one entity, bytes on the wire, to mcp-actions',
      0.2,
      'mcp-actions',
      (own, other) => ({
        value: own.wireBytes / other.wireBytes,
        remark: ` (decompressed ${(own.bodyBytes / other.bodyBytes).toFixed(
          2,
        )}x)`,
      }),
    ),
    ...(traversal
      ? [
          {
            what: 'traversal, depth 3, p50',
            budget: '<= 50 ms',
            measured: `${traversal.p50Ms.toFixed(1)} ms`,
            pass: traversal.p50Ms <= 50,
          },
        ]
      : []),
  ];
}

/** The table of verdicts, with its heading. */
export function budgetRows(verdicts: BudgetVerdict[]): string[][] {
  return [
    ['budget', 'limit', 'measured', 'verdict'],
    ...verdicts.map(({ what, budget, measured, pass }) => [
      what,
      budget,
      measured,
      pass ? 'pass' : 'MISS',
    ]),
  ];
}
