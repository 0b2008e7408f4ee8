import { MARKDOWN, TEXT } from '../report';
import { distributionOf } from './load/LoadResult';
import type { PhaseResult, Phases } from './measureTokenChecks';
import { createReport, renderReport } from './report';

const load = (slowestMs: number, failures = {}): PhaseResult => ({
  rate: 1_000,
  checks: 30_000,
  failures,
  sinceDueMs: distributionOf([1, slowestMs]),
  sinceStartMs: distributionOf([0.05, slowestMs]),
  process: {
    loopDelayMs: { p50: 0, p99: 2, max: 9 },
    cores: 0.25,
    rssMib: 512,
  },
  idleLoopDelayMs: { p50: 0, p99: 1, max: 3 },
});

const phases = (changed: Partial<Phases> = {}): Phases => ({
  cold: load(90),
  warm: load(2),
  refreshing: load(4.9),
  http: load(9),
  revoking: load(4),
  revocations: { refusedAfterMs: [900, 2_100], failures: {} },
  ...changed,
});

const report = (found: Phases) =>
  createReport({
    command: 'yarn bench:token-checks',
    machine: {
      cpu: 'Test CPU',
      cores: 2,
      memoryGib: 8,
      load: 0.5,
      node: 'v24.0.0',
      date: '2026-11-21',
    },
    dataset: {
      hash: 'abc',
      entities: 4_664,
      ingestionSeconds: 60,
      databaseBytes: 2 ** 28,
      users: 3_700,
      grants: 18_500,
    },
    phases: found,
  });

const passes = (found: Phases) => report(found).budgets.map(({ pass }) => pass);

describe('report of token checks', () => {
  it('judges the steady state, and not the first uses', () => {
    expect(passes(phases())).toEqual([true, true, true, true, true]);
    expect(passes(phases({ warm: load(5.1) }))[1]).toBe(false);
    expect(passes(phases({ refreshing: load(5.1) }))[2]).toBe(false);
    expect(passes(phases({ revoking: load(5.1) }))[3]).toBe(false);
  });

  it('passes nothing that failed, however fast the rest was', () => {
    const failed = load(1, { 'agent-auth does not answer': 3 });
    const { budgets } = report(phases({ warm: failed }));
    expect(budgets[1]).toMatchObject({
      measured: '1.00 ms, 3 failed',
      pass: false,
    });
    expect(renderReport(report(phases({ warm: failed })), TEXT)).toContain(
      '- warm: 3 failed: agent-auth does not answer',
    );
  });

  it('misses when one revocation was late, unknown or never measured', () => {
    const revocations = (refusedAfterMs: number[], failures = {}) =>
      passes(phases({ revocations: { refusedAfterMs, failures } }))[4];
    expect(revocations([100, 4_900])).toBe(true);
    expect(revocations([100, 5_100])).toBe(false);
    expect(revocations([100], { 'let in for too long': 1 })).toBe(false);
    expect(revocations([])).toBe(false);
  });

  it('shows where the numbers are from', () => {
    const text = renderReport(report(phases()), MARKDOWN);
    expect(text).toContain('## Checking tokens, 2026-11-21');
    expect(text).toContain('Test CPU, 2 cores, 8 GiB');
    expect(text).toContain(
      '3700 users with 5 grants each, in 964 groups, systems and domains',
    );
    expect(text).toMatch(
      /\| known tokens\s+\| due\s+\|\s+1000 \|\s+30000 \|\s+0 /,
    );
    expect(text).toContain('`yarn bench:token-checks`');
  });
});
