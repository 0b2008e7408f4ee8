import { MARKDOWN, TEXT } from '../report';
import { distributionOf } from '../tokenChecks/load/LoadResult';
import { ContenderName, CONTENDER_NAMES } from './contenders/Contender';
import type { Exchange } from './exchanges/Exchange';
import type { Throughput } from './measure/measureThroughput';
import type { ModelProxyFound } from './ModelProxyFound';
import { createReport, renderReport } from './report';

const JSON_SMALL: Exchange = { delivery: 'json', body: 'small' };
const BURST: Exchange = { delivery: 'burst', body: 'small' };
const PACED: Exchange = { delivery: 'paced', body: 'small' };

type Times = Record<ContenderName, number>;

/** Within every budget, if only just. */
const JSON_MS: Times = {
  direct: 1,
  pipe: 2,
  nginx: 1.5,
  portkey: 7,
  'prompt-corner': 3,
};
const FIRST_MS: Times = {
  direct: 1,
  pipe: 2,
  nginx: 1.5,
  portkey: 21,
  'prompt-corner': 2,
};
const PER_SECOND: Times = {
  direct: 10_000,
  pipe: 6_000,
  nginx: 9_000,
  portkey: 1_000,
  'prompt-corner': 3_000,
};

const latency = (changes: Partial<Times> = {}): ModelProxyFound['latency'] =>
  [JSON_SMALL, BURST, PACED].flatMap(exchange => {
    const ms = exchange === JSON_SMALL ? JSON_MS : FIRST_MS;
    return CONTENDER_NAMES.map(contender => ({
      exchange,
      contender,
      requests: 100,
      ms: distributionOf([ms[contender] + (changes[contender] ?? 0)]),
    }));
  });

const throughput = (
  changes: Partial<Times> = {},
  failures: Throughput['failures'] = {},
): Throughput[] =>
  [JSON_SMALL, BURST].flatMap(exchange =>
    CONTENDER_NAMES.map(contender => ({
      exchange,
      connections: 32,
      contender,
      requestsPerSecond: PER_SECOND[contender] + (changes[contender] ?? 0),
      ms: { p50: 5, p99: 9 },
      failures,
      cpuMsPerRequest: contender === 'direct' ? undefined : 0.125,
    })),
  );

const report = (changes: Partial<ModelProxyFound> = {}) =>
  createReport({
    command: 'yarn bench:proxy',
    machine: {
      cpu: 'Test CPU',
      cores: 2,
      memoryGib: 8,
      load: 0.5,
      node: 'v24.0.0',
      date: '2026-11-21',
    },
    contenders: CONTENDER_NAMES.map(name => ({ name })),
    skipped: [],
    latency: latency(),
    throughput: throughput(),
    memory: [{ contender: 'pipe', startMib: 40, endMib: 90 }],
    ...changes,
  });

const missed = (changes: Partial<ModelProxyFound>) =>
  report(changes)
    .budgets.filter(({ pass }) => !pass)
    .map(({ what }) => what);

describe('report of model requests through the proxy', () => {
  it('passes budgets that are kept to the limit', () => {
    expect(
      report().budgets.map(({ budget, measured }) => [budget, measured]),
    ).toEqual([
      ['<= 2x', '2.00x'],
      ['<= 0.33x', '0.33x'],
      ['<= 1 ms', '1.00 ms'],
      ['<= 0.05x', '0.05x'],
      ['<= 1 ms', '1.00 ms'],
      ['<= 0.05x', '0.05x'],
      ['>= 0.5x', '0.50x'],
      ['>= 3x', '3.00x'],
      ['>= 0.5x', '0.50x'],
      ['>= 3x', '3.00x'],
      ['0', '0'],
    ]);
    expect(missed({})).toEqual([]);
  });

  it('misses those that are not', () => {
    const added = latency({ 'prompt-corner': 0.1 });
    expect(missed({ latency: added })).toHaveLength(6);
    const slower = throughput({ 'prompt-corner': -1 });
    expect(missed({ throughput: slower })).toHaveLength(4);
    const failing = throughput({}, { 'status 500': 1 });
    expect(missed({ throughput: failing })).toEqual([
      'requests that fail under load',
    ]);
  });

  it('judges nothing that was not measured', () => {
    const without = (name: ContenderName) => ({
      latency: latency().filter(({ contender }) => contender !== name),
      throughput: throughput().filter(({ contender }) => contender !== name),
    });
    expect(report(without('prompt-corner')).budgets).toEqual([]);
    expect(
      report(without('portkey')).budgets.map(({ budget }) => budget),
    ).toEqual(['<= 2x', '<= 1 ms', '<= 1 ms', '>= 0.5x', '>= 0.5x', '0']);
  });

  it('tells who did not run, and whose requests failed', () => {
    const text = renderReport(
      report({
        skipped: [{ name: 'nginx', reason: 'this machine has no nginx' }],
        throughput: throughput({}, { 'status 503: full': 2 }),
      }),
      TEXT,
    );
    expect(text).toContain('- nginx did not run: this machine has no nginx.');
    expect(text).toContain(
      '- portkey, JSON, 32 connections: 2 failed: status 503: full',
    );
  });

  it('leaves out times of those who answered nothing', () => {
    const nothing = throughput({ portkey: -PER_SECOND.portkey }).map(each =>
      each.contender === 'portkey'
        ? { ...each, ms: { p50: NaN, p99: NaN } }
        : each,
    );
    expect(renderReport(report({ throughput: nothing }), MARKDOWN)).toContain(
      '| 50 events at once | 0.5 kB | 32 | portkey | 0 |  |  | 0 | 0.125 |',
    );
  });

  it('shows where the numbers are from, and the numbers', () => {
    const text = renderReport(report(), MARKDOWN);
    expect(text).toContain('## Asking models through the proxy, 2026-11-21');
    expect(text).toContain('Test CPU, 2 cores, 8 GiB');
    expect(text).toContain('`yarn bench:proxy`');
    expect(text).toContain(
      '| JSON | 0.5 kB | portkey | 100 | 7.00 | 7.00 | 6.00 |',
    );
    expect(text).toContain(
      '| 50 events at once | 0.5 kB | 32 | pipe | 6000 | 5.0 | 9.0 | 0 | 0.125 |',
    );
    expect(text).toContain('| pipe | 40 | 90 |');
  });
});
