import { MARKDOWN, TEXT } from '../report';
import { distributionOf } from '../tokenChecks/load/LoadResult';
import type { CodeModeFound } from './CodeModeFound';
import type { ContenderName } from './contenders/Contender';
import type { Throughput } from './measure/measureThroughput';
import { createReport, renderReport } from './report';

const latency = (contender: ContenderName, ms: number) => ({
  snippet: 'trivial',
  contender,
  ms: distributionOf([ms]),
});

const throughput = (
  contender: ContenderName,
  perSecond: number,
  failures = {},
): Throughput => ({
  snippet: 'trivial',
  atOnce: 8,
  users: 1,
  contender,
  perSecond,
  ms: distributionOf([8, 16]),
  failures,
  loopDelayP99Ms: 1.5,
  cpuMsPerRun: 1.25,
  hostCpuMsPerRun: 0.5,
  memoryMib: 66,
});

const score = (at5: number) => ({ questions: 40, at1: 30, at5, at10: 40 });

const found = (changes: Partial<CodeModeFound> = {}): CodeModeFound => ({
  contenders: [{ name: 'prompt-corner', version: 'engine 1' }],
  starts: [{ contender: 'workerd', ms: distributionOf([40, 60]) }],
  latency: [latency('prompt-corner', 2), latency('workerd', 6)],
  roundTrip: distributionOf([0.5]),
  idleMemoryMib: [{ contender: 'workerd', memoryMib: 79 }],
  throughput: [throughput('prompt-corner', 950), throughput('workerd', 270)],
  tokens: [
    { tools: 182, servers: 13, plain: 29_288, codeMode: 340, types: 5_716 },
  ],
  search: {
    tools: 190,
    servers: 13,
    known: score(38),
    heldOut: score(39),
    time: { tools: 500, ms: distributionOf([0.3]) },
  },
  ...changes,
});

const report = (changes?: Partial<CodeModeFound>) =>
  createReport({
    command: 'yarn bench:code-mode',
    machine: {
      cpu: 'Test CPU',
      cores: 2,
      memoryGib: 8,
      load: 0.5,
      node: 'v24.0.0',
      date: '2026-11-21',
    },
    ...found(changes),
  });

const missed = (changes?: Partial<CodeModeFound>) =>
  report(changes)
    .budgets.filter(({ pass }) => !pass)
    .map(({ what }) => what);

describe('report of Code Mode', () => {
  it('judges time, rate, definitions and search, alone and beside the peer', () => {
    expect(missed()).toEqual([]);
    expect(
      missed({
        latency: [latency('prompt-corner', 3.1), latency('workerd', 9)],
      }),
    ).toEqual(['trivial snippet, p50']);
    expect(
      missed({
        latency: [latency('prompt-corner', 2), latency('workerd', 3.9)],
      }),
    ).toEqual(['trivial snippet, p50, to workerd']);
    expect(
      missed({
        throughput: [
          throughput('prompt-corner', 899),
          throughput('workerd', 300),
        ],
      }),
    ).toEqual([
      'trivial snippet, 8 at once',
      'trivial snippet, 8 at once, to workerd',
    ]);
    const [tokens] = found().tokens;
    expect(missed({ tokens: [tokens, { ...tokens, codeMode: 351 }] })).toEqual([
      'definitions of the two tools, any number of tools',
    ]);
    const { search } = found();
    expect(missed({ search: { ...search, heldOut: score(37) } })).toEqual([
      'right tool in the first 5, held-out questions',
    ]);
  });

  it('keeps no promise about what was not measured', () => {
    const { search } = found();
    const nothing = { questions: 0, at1: 0, at5: 0, at10: 0 };
    const budgets = report({
      latency: [],
      throughput: [],
      tokens: [],
      search: {
        ...search,
        known: nothing,
        heldOut: nothing,
        time: { tools: 500, ms: distributionOf([]) },
      },
    }).budgets;
    expect(budgets.filter(({ pass }) => pass)).toEqual([]);
  });

  it('counts runs that failed against it, and tells those of all', () => {
    const failed = { 'limit: too long': 2 };
    const failing = {
      throughput: [
        throughput('prompt-corner', 950, failed),
        throughput('workerd', 270),
      ],
    };
    expect(missed(failing)).toEqual(['runs that fail under load']);
    expect(renderReport(report(failing), TEXT)).toContain(
      '- prompt-corner, trivial, 8 at once: 2 failed: limit: too long',
    );
  });

  it('shows where the numbers are from, and the numbers', () => {
    const text = renderReport(report(), MARKDOWN);
    expect(text).toContain('## Running code in Code Mode, 2026-11-21');
    expect(text).toContain('Test CPU, 2 cores, 8 GiB');
    expect(text).toContain('`yarn bench:code-mode`');
    expect(text).toContain('| workerd | 40 | 60 | 79 |');
    expect(text).toContain(
      '| trivial: return 1 + 1 | prompt-corner | 2.00 | 2.00 | 2.00 |',
    );
    expect(text).toContain(
      '| trivial: return 1 + 1 | 8 | 1 | prompt-corner | 950 | 8.0 | 16.0 | 0 | 1.25 | 0.50 | 1.5 | 66 |',
    );
    expect(text).toContain('| 182 tools | 13 | 29,288 | 340 | 5,716 |');
    expect(text).toContain('| held out | 40 | 30 | 39 | 40 |');
  });
});
