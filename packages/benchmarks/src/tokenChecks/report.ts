import {
  budgetRows,
  BudgetVerdict,
  Machine,
  machineText,
  Style,
} from '../report';
import { failuresOf, judgeTokenChecks } from './budgets';
import type { Distribution, LoadResult } from './load/LoadResult';
import { distributionOf } from './load/LoadResult';
import { PhaseResult, Phases, REVOCATION_RATE } from './measureTokenChecks';
import type { Replica } from './startReplica';

/** Everything that one run found, and what a reader needs to repeat it. */
export interface TokenCheckReport {
  command: string;
  machine: Machine;
  dataset: Replica['dataset'];
  phases: Phases;
  budgets: BudgetVerdict[];
}

const PHASES: Array<{
  id: Exclude<keyof Phases, 'revocations'>;
  title: string;
}> = [
  { id: 'cold', title: 'first use of every token' },
  { id: 'warm', title: 'known tokens' },
  { id: 'refreshing', title: 'facts a minute old, read again' },
  { id: 'revoking', title: `${REVOCATION_RATE} revocations a second` },
  { id: 'http', title: 'over HTTP, from another process' },
];

/** Completes a report with its verdicts. */
export function createReport(
  found: Omit<TokenCheckReport, 'budgets'>,
): TokenCheckReport {
  return { ...found, budgets: judgeTokenChecks(found.phases) };
}

/** Renders a report for a terminal or, as Markdown, for `docs/benchmarks.md`. */
export function renderReport(report: TokenCheckReport, style: Style): string {
  const { machine, dataset, phases } = report;
  const { users, grants } = dataset;
  return [
    style.heading(`Checking tokens, ${machine.date}`),
    [
      `- ${machineText(machine)}`,
      `- ${users} users with ${grants / users} grants each, in ${
        dataset.entities - users
      } groups, systems and domains (${
        dataset.hash
      }); one replica with catalog and agent-auth in the same process.`,
      `- Command: \`${report.command}\``,
    ].join('\n'),
    style.table([
      [
        'phase',
        'from',
        'a second',
        'checks',
        'failed',
        'p50 ms',
        'p90 ms',
        'p99 ms',
        'p99.9 ms',
        'max ms',
      ],
      ...PHASES.flatMap(({ id, title }) => rowsOf(title, phases[id])),
    ]),
    failuresText(phases),
    style.table([
      ['revocations', 'refused after p50 ms', 'p99 ms', 'max ms'],
      revocationRow(phases),
    ]),
    style.table([
      [
        'process',
        'loop delay p50 ms',
        'p99 ms',
        'max ms',
        'of an idle process p99 ms',
        'max ms',
        'cores',
        'RSS MiB',
      ],
      ...PHASES.flatMap(({ id, title }) => {
        const result = phases[id];
        return 'process' in result ? [useRow(title, result)] : [];
      }),
    ]),
    'Checks come at a constant rate, whatever became of earlier ones. "Due" counts from when a check was to be made, with all waiting and with up to a millisecond by which timers are late; "start" from its own first step. Revocations count from sending the request to the first refusal, by at most 50 ms too long; the checks that find that out are not in the table. Loop delay is by how much timers were late; that of an idle process is what the machine alone did to everybody.',
    style.table(budgetRows(report.budgets)),
  ]
    .filter(section => section !== '')
    .join('\n\n');
}

function rowsOf(
  title: string,
  result: Omit<LoadResult, 'process'>,
): string[][] {
  const { rate, checks, failures } = result;
  const cells = ({ p50, p90, p99, p999, max }: Distribution) =>
    [p50, p90, p99, p999, max].map(value => value.toFixed(3));
  return [
    [
      title,
      'due',
      `${rate}`,
      `${checks}`,
      `${failuresOf(failures)}`,
      ...cells(result.sinceDueMs),
    ],
    ['', 'start', `${rate}`, '', '', ...cells(result.sinceStartMs)],
  ];
}

function revocationRow({ revocations }: Phases): string[] {
  const { p50, p99, max } = distributionOf(revocations.refusedAfterMs);
  return [
    `${revocations.refusedAfterMs.length}`,
    ...[p50, p99, max].map(value => value.toFixed(0)),
  ];
}

function useRow(title: string, result: PhaseResult): string[] {
  const { loopDelayMs: own, cores, rssMib } = result.process;
  const idle = result.idleLoopDelayMs;
  return [
    title,
    ...[own.p50, own.p99, own.max, idle.p99, idle.max].map(value =>
      value.toFixed(1),
    ),
    cores.toFixed(2),
    rssMib.toFixed(0),
  ];
}

function failuresText(phases: Phases): string {
  const lines = [...PHASES.map(({ id }) => id), 'revocations' as const].flatMap(
    id =>
      Object.entries(phases[id].failures).map(
        ([message, count]) => `- ${id}: ${count} failed: ${message}`,
      ),
  );
  return lines.join('\n');
}
