import {
  budgetRows,
  BudgetVerdict,
  Machine,
  machineText,
  Style,
} from '../report';
import { failuresOf } from '../tokenChecks/budgets';
import { OPERATOR_POLICIES } from './backend/policies';
import { judgePortalCalls, SIZE_TITLES } from './budgets';
import { REVISIONS } from './client/McpConnection';
import { CONTENDERS } from './contenders/Contender';
import type { Latency } from './measure/measureLatency';
import type { Listing } from './measure/measureLists';
import type { Throughput } from './measure/measureThroughput';
import type { PortalCallsFound } from './PortalCallsFound';
import { toolsOf, USUAL } from './sizes';

/** Everything that one run found, and what a reader needs to repeat it. */
export interface PortalCallsReport extends PortalCallsFound {
  command: string;
  machine: Machine;
  budgets: BudgetVerdict[];
}

/** Completes a report with its verdicts. */
export function createReport(
  found: Omit<PortalCallsReport, 'budgets'>,
): PortalCallsReport {
  return { ...found, budgets: judgePortalCalls(found) };
}

/** Renders a report for a terminal or, as Markdown, for `docs/benchmarks.md`. */
export function renderReport(report: PortalCallsReport, style: Style): string {
  const { machine, latency, throughput, lists, memory } = report;
  return [
    style.heading(`Calling tools through the portal, ${machine.date}`),
    [
      `- ${machineText(
        machine,
      )} Servers, mcp-proxy and the clients are three processes more on the same cores.`,
      `- ${USUAL.servers.length} servers with ${toolsOf(
        USUAL,
      )} tools; one user, each client with an agent token of its own; audit, guardrails and policies as they come, ${
        OPERATOR_POLICIES.length
      } policies of an operator, permissions on.`,
      `- Command: \`${report.command}\``,
      ...Object.entries(CONTENDERS).map(
        ([name, about]) => `- ${name}: ${about}.`,
      ),
    ].join('\n'),
    style.table([
      [
        'one client',
        'answer',
        'through',
        'p50 ms',
        'p90 ms',
        'p99 ms',
        'added',
      ],
      ...latency.map(each => latencyRow(each, latency)),
    ]),
    style.table([
      [
        'many clients',
        'answer',
        'clients',
        'through',
        'calls/s',
        'p50 ms',
        'p99 ms',
        'failed',
        'CPU ms/call',
        'of the client',
      ],
      ...throughput.map(throughputRow),
    ]),
    failuresText(throughput),
    style.table([
      [
        'tools/list',
        'through',
        'requests',
        'p50 ms',
        'p99 ms',
        'body bytes',
        'on the wire',
      ],
      ...lists.map(listRow),
    ]),
    style.table([
      ['memory of the backend', 'RSS MiB', 'heap MiB'],
      ...Object.entries(memory).map(([when, { rssMib, heapMib }]) => [
        `${when} the calls`,
        rssMib.toFixed(0),
        heapMib.toFixed(0),
      ]),
    ]),
    'Contenders take turns, call by call for one client and every few seconds for many. Added is the difference of p50 to a direct call. Many clients call again as soon as they are answered, so that all processes compete for the cores; CPU counts what the process between client and server needed for a call, without PostgreSQL. A direct listing asks all servers at once. The heap is counted after a garbage collection.',
    style.table(budgetRows(report.budgets)),
  ]
    .filter(section => section !== '')
    .join('\n\n');
}

function latencyRow(
  { era, size, contender, ms }: Latency,
  all: Latency[],
): string[] {
  const direct = all.find(
    each =>
      each.era === era && each.size === size && each.contender === 'direct',
  );
  return [
    REVISIONS[era],
    SIZE_TITLES[size],
    contender,
    ...[ms.p50, ms.p90, ms.p99].map(value => value.toFixed(2)),
    direct && contender !== 'direct' ? (ms.p50 - direct.ms.p50).toFixed(2) : '',
  ];
}

function throughputRow(each: Throughput): string[] {
  const { era, size, clients, contender, ms } = each;
  return [
    REVISIONS[era],
    SIZE_TITLES[size],
    `${clients}`,
    contender,
    each.callsPerSecond.toFixed(0),
    ms.p50.toFixed(1),
    ms.p99.toFixed(1),
    `${failuresOf(each.failures)}`,
    each.cpuMsPerCall?.toFixed(2) ?? '',
    each.clientCpuMsPerCall.toFixed(2),
  ];
}

function listRow(each: Listing): string[] {
  const { tools, servers, contender, requests, ms } = each;
  return [
    `${tools} tools of ${servers} servers`,
    contender,
    requests.toFixed(0),
    ms.p50.toFixed(1),
    ms.p99.toFixed(1),
    grouped(each.bodyBytes),
    grouped(each.wireBytes),
  ];
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function failuresText(throughput: Throughput[]): string {
  return throughput
    .flatMap(({ contender, clients, failures }) =>
      Object.entries(failures).map(
        ([message, count]) =>
          `- ${contender}, ${clients} clients: ${count} failed: ${message}`,
      ),
    )
    .join('\n');
}
