import type { BudgetVerdict } from '../report';
import { failuresOf } from '../tokenChecks/budgets';
import { ERAS, REVISIONS } from './client/McpConnection';
import type { Latency } from './measure/measureLatency';
import type { PortalCallsFound } from './PortalCallsFound';
import { ANSWER_SIZES, AnswerSize } from './toolServers/answers';

const MAX_ADDED_P50_MS = 3;

/** How an answer is called in tables. */
export const SIZE_TITLES: Record<AnswerSize, string> = {
  small: '1 kB',
  large: '20 kB',
};

/** Judges what is promised of a call through the portal. */
export function judgePortalCalls(found: PortalCallsFound): BudgetVerdict[] {
  const failed = found.throughput
    .filter(({ contender }) => contender === 'portal')
    .reduce((sum, { failures }) => sum + failuresOf(failures), 0);
  return [
    ...ERAS.flatMap(era =>
      ANSWER_SIZES.map(size => {
        const addedMs = addedP50Ms(
          found.latency.filter(each => each.era === era && each.size === size),
        );
        return {
          what: `call of a tool, ${SIZE_TITLES[size]}, ${REVISIONS[era]}, added p50 over a direct call`,
          budget: `<= ${MAX_ADDED_P50_MS} ms`,
          measured: `${addedMs.toFixed(2)} ms`,
          pass: addedMs <= MAX_ADDED_P50_MS,
        };
      }),
    ),
    {
      what: `calls that fail while ${Math.max(
        ...found.throughput.map(({ clients }) => clients),
        0,
      )} clients call at once`,
      budget: '0',
      measured: `${failed}`,
      // Without a measurement no promise is kept.
      pass: failed === 0 && found.throughput.length > 0,
    },
  ];
}

/** @returns NaN, which keeps no promise, when one of the two was not measured */
function addedP50Ms(latency: Latency[]): number {
  const p50 = (name: string) =>
    latency.find(({ contender }) => contender === name)?.ms.p50 ?? NaN;
  return p50('portal') - p50('direct');
}
