import { MARKDOWN, TEXT } from '../report';
import { distributionOf } from '../tokenChecks/load/LoadResult';
import { ERAS } from './client/McpConnection';
import type { ContenderName } from './contenders/Contender';
import type { Throughput } from './measure/measureThroughput';
import type { PortalCallsFound } from './PortalCallsFound';
import { createReport, renderReport } from './report';
import { ANSWER_SIZES } from './toolServers/answers';

const P50_MS: Record<ContenderName, number> = {
  direct: 1,
  'mcp-proxy': 2,
  portal: 4,
};

const NAMES = Object.keys(P50_MS) as ContenderName[];

const latency = (portalMs: number): PortalCallsFound['latency'] =>
  ERAS.flatMap(era =>
    ANSWER_SIZES.flatMap(size =>
      NAMES.map(contender => ({
        era,
        size,
        contender,
        ms: distributionOf([
          contender === 'portal' ? portalMs : P50_MS[contender],
        ]),
      })),
    ),
  );

const throughput = (contender: ContenderName, failures = {}): Throughput => ({
  era: 'modern',
  size: 'small',
  clients: 64,
  contender,
  callsPerSecond: 321,
  ms: distributionOf([10, 20]),
  failures,
  cpuMsPerCall: contender === 'direct' ? undefined : 1.25,
  clientCpuMsPerCall: 0.5,
});

const found = (changes: Partial<PortalCallsFound> = {}): PortalCallsFound => ({
  latency: latency(4),
  throughput: NAMES.map(name => throughput(name)),
  lists: [
    {
      tools: 2_000,
      servers: 5,
      contender: 'portal',
      ms: distributionOf([40, 60]),
      requests: 1,
      bodyBytes: 1_890_926,
      wireBytes: 72_414,
    },
  ],
  memory: {
    before: { rssMib: 600, heapMib: 160, cpuMs: 0 },
    after: { rssMib: 700, heapMib: 165, cpuMs: 0 },
  },
  ...changes,
});

const report = (changes?: Partial<PortalCallsFound>) =>
  createReport({
    command: 'yarn bench:portal',
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

const passes = (changes?: Partial<PortalCallsFound>) =>
  report(changes).budgets.map(({ pass }) => pass);

describe('report of calls through the portal', () => {
  it('judges what the portal adds to a direct call, in each era and of each size', () => {
    expect(passes()).toEqual([true, true, true, true, true]);
    expect(passes({ latency: latency(4.1) })).toEqual([
      ...[false, false, false, false],
      true,
    ]);
    const slowOnce = latency(4).map(each =>
      each.era === 'legacy' && each.size === 'large'
        ? { ...each, ms: distributionOf([each.ms.p50 * 2]) }
        : each,
    );
    expect(passes({ latency: slowOnce })).toEqual([
      ...[true, true, true, false],
      true,
    ]);
  });

  it('keeps no promise about what was not measured', () => {
    expect(passes({ latency: [], throughput: [] })).toEqual([
      ...[false, false, false, false],
      false,
    ]);
  });

  it('counts failed calls of the portal against it, and tells those of all', () => {
    const failed = { 'status 503: full': 2 };
    const failing = report({
      throughput: [
        throughput('mcp-proxy', failed),
        throughput('portal', failed),
      ],
    });
    expect(failing.budgets.at(-1)).toMatchObject({
      measured: '2',
      pass: false,
    });
    expect(
      passes({
        throughput: [throughput('mcp-proxy', failed), throughput('portal')],
      }).at(-1),
    ).toBe(true);
    expect(renderReport(failing, TEXT)).toContain(
      '- mcp-proxy, 64 clients: 2 failed: status 503: full',
    );
  });

  it('shows where the numbers are from, and the numbers', () => {
    const text = renderReport(report(), MARKDOWN);
    expect(text).toContain('## Calling tools through the portal, 2026-11-21');
    expect(text).toContain('Test CPU, 2 cores, 8 GiB');
    expect(text).toContain('13 servers with 182 tools');
    expect(text).toContain('20 policies of an operator');
    expect(text).toContain('`yarn bench:portal`');
    expect(text).toContain(
      '| 2026-07-28 | 1 kB | portal | 4.00 | 4.00 | 4.00 | 3.00 |',
    );
    expect(text).toContain(
      '| 2026-07-28 | 1 kB | 64 | direct | 321 | 10.0 | 20.0 | 0 |  | 0.50 |',
    );
    expect(text).toContain(
      '| 2000 tools of 5 servers | portal | 1 | 40.0 | 60.0 | 1,890,926 | 72,414 |',
    );
    expect(text).toContain('| after the calls | 700 | 165 |');
  });
});
