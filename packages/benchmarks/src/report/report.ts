import { CONTENDERS, ContenderName } from '../contenders';
import type { QuestionResult } from '../measureCatalog';
import type { Stack } from '../stack';
import { budgetRows, BudgetVerdict, judgeBudgets } from './budgets';
import { Machine, machineText } from './machine';
import { MARKDOWN, Style, TEXT } from './tables';

/** Everything that one run found, and what a reader needs to repeat it. */
export interface Report {
  command: string;
  machine: Machine;
  dataset: Stack['dataset'];
  contenders: ContenderName[];
  requests: number;
  /** Whether the permission framework decided on each request. */
  permissions: boolean;
  results: QuestionResult[];
  budgets: BudgetVerdict[];
}

/** Completes a report with its verdicts. */
export function createReport(found: Omit<Report, 'budgets'>): Report {
  return { ...found, budgets: judgeBudgets(found.results) };
}

/** Renders a report for a terminal. */
export function renderText(report: Report): string {
  return render(report, TEXT);
}

/** Renders a report for `docs/benchmarks.md`. */
export function renderMarkdown(report: Report): string {
  return render(report, MARKDOWN);
}

function render(report: Report, { heading, table }: Style): string {
  const { machine, dataset } = report;
  const mib = Math.round(dataset.databaseBytes / 2 ** 20);
  const sections = [
    heading(`Asking the catalog, ${machine.date}`),
    [
      `- ${machineText(machine)}`,
      `- Organisation: ${dataset.entities} entities (${
        dataset.hash
      }), ${mib} MiB in PostgreSQL, visible ${Math.round(
        dataset.ingestionSeconds,
      )} s after the start of an empty backend.`,
      `- ${
        report.requests
      } requests for each question and contender, in turns, after a warm-up; as a signed-in user, permissions ${
        report.permissions ? 'on' : 'off'
      }.`,
      `- Command: \`${report.command}\``,
      ...report.contenders.map(name => `- ${name}: ${CONTENDERS[name].about}.`),
    ].join('\n'),
    table([
      [
        'question',
        'contender',
        'p50 ms',
        'p99 ms',
        'calls',
        'body bytes',
        'on the wire',
        'tokens',
        'answered',
      ],
      ...report.results.flatMap(({ title, measurements }) =>
        measurements.map((each, index) => [
          index === 0 ? title : '',
          each.contender,
          each.p50Ms.toFixed(1),
          each.p99Ms.toFixed(1),
          each.calls.toFixed(each.calls % 1 ? 1 : 0),
          grouped(each.bodyBytes),
          grouped(each.wireBytes),
          grouped(each.tokens),
          `${Math.floor(each.coverage * 100)} %`,
        ]),
      ),
    ]),
    'Bytes are of response bodies, decompressed and as transferred. Tokens are what a model reads (o200k); for tools/list the names, descriptions and input schemas. Answered is the share of the facts that a full answer has.',
  ];
  if (report.budgets.length > 0) {
    sections.push(table(budgetRows(report.budgets)));
  }
  return sections.join('\n\n');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
