import {
  budgetRows,
  BudgetVerdict,
  Machine,
  machineText,
  Style,
} from '../report';
import { failuresOf } from '../tokenChecks/budgets';
import { judgeModelProxy } from './budgets';
import { CONTENDERS } from './contenders/Contender';
import { bodyTitle, deliveryTitle } from './exchanges/Exchange';
import { IN_A_ROW, Latency } from './measure/measureLatency';
import { ROUNDS, Throughput } from './measure/measureThroughput';
import type { ModelProxyFound } from './ModelProxyFound';

/** Everything that one run found, and what a reader needs to repeat it. */
export interface ModelProxyReport extends ModelProxyFound {
  command: string;
  machine: Machine;
  budgets: BudgetVerdict[];
}

/** Completes a report with its verdicts. */
export function createReport(
  found: Omit<ModelProxyReport, 'budgets'>,
): ModelProxyReport {
  return { ...found, budgets: judgeModelProxy(found) };
}

/** Renders a report for a terminal or, as Markdown, for `docs/benchmarks.md`. */
export function renderReport(report: ModelProxyReport, style: Style): string {
  const { machine, latency, throughput, memory, skipped, budgets } = report;
  return [
    style.heading(`Asking models through the proxy, ${machine.date}`),
    [
      `- ${machineText(
        machine,
      )} The provider, the clients and every contender are processes of their own on the same cores.`,
      `- Command: \`${report.command}\``,
      ...report.contenders.map(
        ({ name, version }) =>
          `- ${name}: ${CONTENDERS[name]}${version ? ` (${version})` : ''}.`,
      ),
      ...skipped.map(({ name, reason }) => `- ${name} did not run: ${reason}.`),
    ].join('\n'),
    style.table([
      [
        'one connection',
        'request',
        'through',
        'requests',
        'p50 ms',
        'p99 ms',
        'added p50',
      ],
      ...latency.map(each => latencyRow(each, latency)),
    ]),
    style.table([
      [
        'many connections',
        'request',
        'connections',
        'through',
        'answers/s',
        'p50 ms',
        'p99 ms',
        'failed',
        'CPU ms/request',
      ],
      ...throughput.map(throughputRow),
    ]),
    failuresText(throughput),
    style.table([
      ['memory', 'at the start MiB', 'at the end MiB'],
      ...memory.map(({ contender, startMib, endMib }) => [
        contender,
        startMib.toFixed(0),
        endMib.toFixed(0),
      ]),
    ]),
    `Streams are timed until their first chunk, JSON until its end. On one connection contenders take turns of ${IN_A_ROW} requests (slow streams: one by one); added is the difference of p50 to a direct request. On many connections each asks again as soon as it is answered, contenders in turns, and answers a second and times are medians of ${ROUNDS} rounds. All processes then compete for the cores, and clients that take as much of them as a fast proxy make ratios smaller than they are: CPU counts what the processes between client and provider needed for a request, without PostgreSQL. Memory that is shared with others counts in part.`,
    budgets.length ? style.table(budgetRows(budgets)) : '',
  ]
    .filter(section => section !== '')
    .join('\n\n');
}

function latencyRow(each: Latency, all: Latency[]): string[] {
  const { exchange, contender, requests, ms } = each;
  const direct = all.find(
    other => other.exchange === exchange && other.contender === 'direct',
  );
  return [
    deliveryTitle(exchange),
    bodyTitle(exchange),
    contender,
    `${requests}`,
    ms.p50.toFixed(2),
    ms.p99.toFixed(2),
    direct && contender !== 'direct' ? (ms.p50 - direct.ms.p50).toFixed(2) : '',
  ];
}

function throughputRow(each: Throughput): string[] {
  const { exchange, connections, contender, ms } = each;
  return [
    deliveryTitle(exchange),
    bodyTitle(exchange),
    `${connections}`,
    contender,
    each.requestsPerSecond.toFixed(0),
    ...[ms.p50, ms.p99].map(value =>
      Number.isNaN(value) ? '' : value.toFixed(1),
    ),
    `${failuresOf(each.failures)}`,
    each.cpuMsPerRequest?.toFixed(3) ?? '',
  ];
}

function failuresText(throughput: Throughput[]): string {
  return throughput
    .flatMap(({ exchange, contender, connections, failures }) =>
      Object.entries(failures).map(
        ([message, count]) =>
          `- ${contender}, ${deliveryTitle(
            exchange,
          )}, ${connections} connections: ${count} failed: ${message}`,
      ),
    )
    .join('\n');
}
