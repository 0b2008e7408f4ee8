import type { BudgetVerdict } from '../report';
import { failuresOf } from '../tokenChecks/budgets';
import type { CodeModeFound } from './CodeModeFound';
import type { ContenderName } from './contenders/Contender';
import type { Score } from './search/scoreSearch';
import { TRIVIAL } from './snippets';

const MAX_P50_MS = 3;
const MAX_OF_PEER = 0.5;
const MIN_PER_SECOND = 900;
const MIN_TIMES_PEER = 3;
const AT_ONCE = 8;
const MAX_DEFINITION_TOKENS = 350;
const MAX_SEARCH_MS = 1;

/** The least share of questions that find a right tool among the first five. */
export const MIN_AT_5 = 0.95;

/** Judges what is promised of Code Mode. What was not measured keeps no promise. */
export function judgeCodeMode(found: CodeModeFound): BudgetVerdict[] {
  const own = p50Ms(found, 'prompt-corner');
  const ownRate = perSecond(found, 'prompt-corner');
  const toPeer = own / p50Ms(found, 'workerd');
  const timesPeer = ownRate / perSecond(found, 'workerd');
  const failed = found.throughput
    .filter(({ contender }) => contender === 'prompt-corner')
    .reduce((sum, { failures }) => sum + failuresOf(failures), 0);
  const definitions = Math.max(...found.tokens.map(each => each.codeMode), 0);
  const { known, heldOut, time } = found.search;
  return [
    verdict('trivial snippet, p50', {
      budget: `<= ${MAX_P50_MS} ms`,
      measured: `${own.toFixed(2)} ms`,
      pass: own <= MAX_P50_MS,
    }),
    verdict('trivial snippet, p50, to workerd', {
      budget: `<= ${MAX_OF_PEER}x`,
      measured: `${toPeer.toFixed(2)}x`,
      pass: toPeer <= MAX_OF_PEER,
    }),
    verdict(`trivial snippet, ${AT_ONCE} at once`, {
      budget: `>= ${MIN_PER_SECOND} a second`,
      measured: `${ownRate.toFixed(0)} a second`,
      pass: ownRate >= MIN_PER_SECOND,
    }),
    verdict(`trivial snippet, ${AT_ONCE} at once, to workerd`, {
      budget: `>= ${MIN_TIMES_PEER}x`,
      measured: `${timesPeer.toFixed(1)}x`,
      pass: timesPeer >= MIN_TIMES_PEER,
    }),
    verdict('runs that fail under load', {
      budget: '0',
      measured: `${failed}`,
      pass: failed === 0 && found.throughput.length > 0,
    }),
    verdict('definitions of the two tools, any number of tools', {
      budget: `<= ${MAX_DEFINITION_TOKENS} tokens`,
      measured: `${definitions} tokens`,
      // None were given, or none counted.
      pass: definitions > 0 && definitions <= MAX_DEFINITION_TOKENS,
    }),
    searched('known questions', known),
    searched('held-out questions', heldOut),
    verdict(`one search in ${time.tools} tools, p50`, {
      budget: `< ${MAX_SEARCH_MS} ms`,
      measured: `${time.ms.p50.toFixed(2)} ms`,
      pass: time.ms.p50 < MAX_SEARCH_MS,
    }),
  ];
}

function verdict(
  what: string,
  judged: Omit<BudgetVerdict, 'what'>,
): BudgetVerdict {
  return { what, ...judged };
}

function searched(which: string, { questions, at5 }: Score): BudgetVerdict {
  return verdict(`right tool in the first 5, ${which}`, {
    budget: `>= ${MIN_AT_5 * 100} %`,
    measured: `${((at5 / questions) * 100).toFixed(1)} %`,
    pass: at5 / questions >= MIN_AT_5,
  });
}

function p50Ms({ latency }: CodeModeFound, name: ContenderName): number {
  return (
    latency.find(
      ({ snippet, contender }) => snippet === TRIVIAL.id && contender === name,
    )?.ms.p50 ?? NaN
  );
}

function perSecond({ throughput }: CodeModeFound, name: ContenderName): number {
  return (
    throughput.find(
      ({ snippet, atOnce, users, contender }) =>
        snippet === TRIVIAL.id &&
        atOnce === AT_ONCE &&
        users === 1 &&
        contender === name,
    )?.perSecond ?? NaN
  );
}
