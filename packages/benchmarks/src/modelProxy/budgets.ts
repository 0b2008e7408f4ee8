import type { BudgetVerdict } from '../report';
import { failuresOf } from '../tokenChecks/budgets';
import type { ContenderName } from './contenders/Contender';
import { deliveryTitle, Exchange } from './exchanges/Exchange';
import type { ModelProxyFound } from './ModelProxyFound';

const OWN: ContenderName = 'prompt-corner';
const JUDGED_CONNECTIONS = 32;

const MAX_ADDED_TO_PIPE = 2;
const MAX_ADDED_TO_PORTKEY = 1 / 3;
const MAX_ADDED_FIRST_MS = 1;
const MAX_ADDED_FIRST_TO_PORTKEY = 1 / 20;
const MIN_THROUGHPUT_TO_PIPE = 1 / 2;
const MIN_THROUGHPUT_TO_PORTKEY = 3;

const JSON_ANSWER: Exchange = { delivery: 'json', body: 'small' };
const BURST: Exchange = { delivery: 'burst', body: 'small' };
const PACED: Exchange = { delivery: 'paced', body: 'small' };

/**
 * Judges what is promised of the proxy. What was not measured in this run is
 * left out.
 */
export function judgeModelProxy(found: ModelProxyFound): BudgetVerdict[] {
  const added = (exchange: Exchange, contender: ContenderName) =>
    p50Ms(found, exchange, contender) - p50Ms(found, exchange, 'direct');
  const addedTo = (exchange: Exchange, peer: ContenderName, limit: number) =>
    atMost({
      what: `${whatIsAdded(exchange)}, to ${peer}`,
      limit,
      unit: 'x',
      value: added(exchange, OWN) / added(exchange, peer),
    });
  const throughputTo = (
    exchange: Exchange,
    peer: ContenderName,
    limit: number,
  ) => {
    const value =
      requestsPerSecond(found, exchange, OWN) /
      requestsPerSecond(found, exchange, peer);
    return {
      what: `${deliveryTitle(
        exchange,
      )}, ${JUDGED_CONNECTIONS} connections, answers a second, to ${peer}`,
      budget: `>= ${round(limit)}x`,
      measured: `${value.toFixed(2)}x`,
      pass: value >= limit,
      value,
    };
  };
  const verdicts = [
    addedTo(JSON_ANSWER, 'pipe', MAX_ADDED_TO_PIPE),
    addedTo(JSON_ANSWER, 'portkey', MAX_ADDED_TO_PORTKEY),
    ...[BURST, PACED].flatMap(exchange => [
      atMost({
        what: `${whatIsAdded(exchange)}, to a direct request`,
        limit: MAX_ADDED_FIRST_MS,
        unit: ' ms',
        value: added(exchange, OWN),
      }),
      addedTo(exchange, 'portkey', MAX_ADDED_FIRST_TO_PORTKEY),
    ]),
    ...[JSON_ANSWER, BURST].flatMap(exchange => [
      throughputTo(exchange, 'pipe', MIN_THROUGHPUT_TO_PIPE),
      throughputTo(exchange, 'portkey', MIN_THROUGHPUT_TO_PORTKEY),
    ]),
  ]
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ what, budget, measured, pass }) => ({
      what,
      budget,
      measured,
      pass,
    }));
  return [...verdicts, ...judgeFailures(found)];
}

function judgeFailures({ throughput }: ModelProxyFound): BudgetVerdict[] {
  const own = throughput.filter(({ contender }) => contender === OWN);
  const failed = own.reduce(
    (sum, { failures }) => sum + failuresOf(failures),
    0,
  );
  return own.length
    ? [
        {
          what: 'requests that fail under load',
          budget: '0',
          measured: `${failed}`,
          pass: failed === 0,
        },
      ]
    : [];
}

function whatIsAdded(exchange: Exchange): string {
  const what = exchange.delivery === 'json' ? 'p50' : 'p50 of the first chunk';
  return `${deliveryTitle(exchange)}, 1 connection, added ${what}`;
}

function atMost(options: {
  what: string;
  limit: number;
  unit: string;
  value: number;
}) {
  const { what, limit, unit, value } = options;
  return {
    what,
    budget: `<= ${round(limit)}${unit}`,
    measured: `${value.toFixed(2)}${unit}`,
    pass: value <= limit,
    value,
  };
}

function round(limit: number): string {
  return `${Math.round(limit * 100) / 100}`;
}

/** @returns NaN when it was not measured */
function p50Ms(
  { latency }: ModelProxyFound,
  exchange: Exchange,
  contender: ContenderName,
): number {
  return (
    latency.find(
      each => each.contender === contender && isSame(each.exchange, exchange),
    )?.ms.p50 ?? NaN
  );
}

/** @returns NaN when it was not measured */
function requestsPerSecond(
  { throughput }: ModelProxyFound,
  exchange: Exchange,
  contender: ContenderName,
): number {
  return (
    throughput.find(
      each =>
        each.contender === contender &&
        each.connections === JUDGED_CONNECTIONS &&
        isSame(each.exchange, exchange),
    )?.requestsPerSecond ?? NaN
  );
}

function isSame(one: Exchange, other: Exchange): boolean {
  return one.delivery === other.delivery && one.body === other.body;
}
