import type {
  TokenUsage,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';

/** Forms of an export. */
export type ExportFormat = 'csv' | 'ndjson';

type Cell = string | number | boolean | null | undefined;

const COLUMNS = [
  'id',
  'at',
  'principal',
  'principalKind',
  'teams',
  'component',
  'system',
  'domain',
  'client',
  'connectionId',
  'session',
  'api',
  'provider',
  'deployment',
  'operation',
  'requestedModel',
  'model',
  'streaming',
  'outcome',
  'status',
  'refusal',
  'detectors',
  'attempts',
  'inputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
  'usageSource',
  'serviceTier',
  'costNanoUsd',
  'undiscountedNanoUsd',
  'latencyMs',
  'timeToFirstByteMs',
] as const satisfies Array<keyof UsageEvent | keyof TokenUsage>;

/** With which spreadsheets begin a formula, also in the wide forms of East Asian texts, and after blanks. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]/;

/** What is in front of the first line. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
}

/** An event as a line. */
export function exportLine(format: ExportFormat, event: UsageEvent): string {
  if (format === 'ndjson') {
    return `${JSON.stringify(event)}\n`;
  }
  const { tokens, teams, detectors, ...others } = event;
  const cells: Partial<Record<string, Cell>> = {
    ...others,
    ...tokens,
    teams: teams.join(' '),
    detectors: detectors?.join(' '),
  };
  return `${COLUMNS.map(column => csvCell(cells[column])).join(',')}\r\n`;
}

/**
 * Texts are quoted as RFC 4180 says. Clients have written some of them: one that a
 * spreadsheet would run gets an apostrophe in front.
 */
function csvCell(value: Cell): string {
  if (value === null || value === undefined || value === '') {
    return '';
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  const text = FORMULA.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}
