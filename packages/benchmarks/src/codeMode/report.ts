import { budgetRows, BudgetVerdict, describeMachine, Style } from '../report';
import { judgeCodeMode } from './budgets';
import type { CodeModeFound } from './CodeModeFound';
import { CONTENDERS } from './contenders/Contender';
import type { Latency } from './measure/measureLatency';
import type { Throughput } from './measure/measureThroughput';
import type { Score } from './search/scoreSearch';
import { HEAVY, LIGHT } from './snippets';
import type { Tokens } from './tokens/measureTokens';

/** Everything that one run found, and what a reader needs to repeat it. */
export interface CodeModeReport extends CodeModeFound {
  command: string;
  machine: ReturnType<typeof describeMachine>;
  budgets: BudgetVerdict[];
}

/** Completes a report with its verdicts. */
export function createReport(
  found: Omit<CodeModeReport, 'budgets'>,
): CodeModeReport {
  return { ...found, budgets: judgeCodeMode(found) };
}

/** Renders a report for a terminal or, as Markdown, for `docs/benchmarks.md`. */
export function renderReport(report: CodeModeReport, style: Style): string {
  const { machine, starts, idleMemoryMib, latency, throughput } = report;
  const { cpu, cores, memoryGib, load, node } = machine;
  const memoryOf = (name: string) =>
    idleMemoryMib.find(({ contender }) => contender === name)?.memoryMib ?? NaN;
  return [
    style.heading(`Running code in Code Mode, ${machine.date}`),
    [
      `- Machine: ${cpu}, ${cores} cores, ${memoryGib} GiB, load ${load.toFixed(
        1,
      )} at the start; Node ${node}. All processes share these cores.`,
      `- Command: \`${report.command}\``,
      ...report.contenders.map(
        ({ name, version }) => `- ${name}: ${CONTENDERS[name]} (${version}).`,
      ),
    ].join('\n'),
    style.table([
      ['start', 'to the first answer, p50 ms', 'max ms', 'idle MiB'],
      ...starts.map(({ contender, ms }) => [
        contender,
        ms.p50.toFixed(0),
        ms.max.toFixed(0),
        memoryOf(contender).toFixed(0),
      ]),
    ]),
    style.table([
      ['one at a time', 'run by', 'p50 ms', 'p90 ms', 'p99 ms'],
      ...latency.map(latencyRow),
      ['nothing: HTTP alone', 'workerd', ...milliseconds(report.roundTrip)],
    ]),
    style.table([
      [
        'many at once',
        'at once',
        'users',
        'run by',
        'runs/s',
        'p50 ms',
        'p99 ms',
        'failed',
        'CPU ms/run',
        'of the host',
        'host loop p99 ms',
        'MiB',
      ],
      ...throughput.map(throughputRow),
    ]),
    failuresText(throughput),
    'Contenders take turns, snippet by snippet for one at a time and every few seconds for many; their answers are compared. CPU is that of all sandbox processes, with those that were replaced meanwhile; the host is the process that asks, which for prompt-corner also validates and for workerd speaks HTTP. The loop is the host’s: by how much its timers were late. Memory is that of sandbox processes, in which shared pages count in part. workerd knows no users, and bounds neither CPU time nor memory.',
    style.table([
      ['definitions', 'servers', 'plain tokens', 'Code Mode', 'types of all'],
      ...report.tokens.map(tokenRow),
    ]),
    style.table([
      ['search', 'questions', 'first', 'in the first 5', 'in the first 10'],
      scoreRow('known', report.search.known),
      scoreRow('held out', report.search.heldOut),
    ]),
    `Tokens are what a model reads (o200k), of names, descriptions and input schemas as compact JSON; types are what codemode.types answers for all tools. The questions are about ${report.search.tools} tools of ${report.search.servers} real servers, recorded in data/real-tools.json.`,
    style.table(budgetRows(report.budgets)),
  ]
    .filter(section => section !== '')
    .join('\n\n');
}

function latencyRow({ snippet, contender, ms }: Latency): string[] {
  return [titleOf(snippet), contender, ...milliseconds(ms)];
}

function milliseconds({ p50, p90, p99 }: Latency['ms']): string[] {
  return [p50, p90, p99].map(value => value.toFixed(2));
}

function throughputRow(each: Throughput): string[] {
  return [
    titleOf(each.snippet),
    `${each.atOnce}`,
    `${each.users}`,
    each.contender,
    each.perSecond.toFixed(0),
    each.ms.p50.toFixed(1),
    each.ms.p99.toFixed(1),
    `${Object.values(each.failures).reduce((sum, count) => sum + count, 0)}`,
    each.cpuMsPerRun.toFixed(2),
    each.hostCpuMsPerRun.toFixed(2),
    each.loopDelayP99Ms.toFixed(1),
    each.memoryMib.toFixed(0),
  ];
}

function tokenRow(each: Tokens): string[] {
  const { tools, servers, plain, codeMode, types } = each;
  return [
    `${tools} tools`,
    `${servers}`,
    ...[plain, codeMode, types].map(tokens => tokens.toLocaleString('en-US')),
  ];
}

function scoreRow(title: string, score: Score): string[] {
  const { questions, at1, at5, at10 } = score;
  return [title, ...[questions, at1, at5, at10].map(count => `${count}`)];
}

function titleOf(id: string): string {
  return [...LIGHT, ...HEAVY].find(snippet => snippet.id === id)?.title ?? id;
}

function failuresText(throughput: Throughput[]): string {
  return throughput
    .flatMap(({ contender, snippet, atOnce, failures }) =>
      Object.entries(failures).map(
        ([message, count]) =>
          `- ${contender}, ${snippet}, ${atOnce} at once: ${count} failed: ${message}`,
      ),
    )
    .join('\n');
}
