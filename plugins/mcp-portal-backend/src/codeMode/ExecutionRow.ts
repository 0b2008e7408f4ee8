import type {
  CodeExecution,
  CodeExecutionState,
} from '@prompt-corner/plugin-mcp-portal-common';

/** Name of the table. */
export const TABLE = 'code_executions';

/** A row of it. */
export interface ExecutionRow {
  id: string;
  kind: string;
  state: string;
  portal: string;
  caller_uuid: string;
  client_name: string | null;
  code: string;
  code_digest: string;
  calls: string;
  logs: string;
  error: string | null;
  result_bytes: number | null;
  cut_characters: number | null;
  cpu_ms: number;
  duration_ms: number;
  waits_at: string | null;
  sealed: string | null;
  started_at: Date | number;
  updated_at: Date | number;
}

/**
 * The columns that people are shown. What a paused execution goes on with is none
 * of them: it has megabytes, which a list of executions must not read.
 */
export const SHOWN = [
  'id',
  'kind',
  'state',
  'portal',
  'caller_uuid',
  'client_name',
  'code',
  'calls',
  'logs',
  'error',
  'result_bytes',
  'cut_characters',
  'cpu_ms',
  'duration_ms',
  'waits_at',
  'started_at',
  'updated_at',
] as const satisfies (keyof ExecutionRow)[];

/** A row without what a paused execution goes on with. */
export type ShownRow = Pick<ExecutionRow, (typeof SHOWN)[number]>;

/** What changes when an execution goes on. */
export type ExecutionProgress = Pick<
  CodeExecution,
  | 'state'
  | 'calls'
  | 'logs'
  | 'error'
  | 'resultBytes'
  | 'cutCharacters'
  | 'cpuMs'
  | 'durationMs'
  | 'waitsAt'
>;

/** The part of a row that changes when an execution goes on. */
export function progressRow(progress: ExecutionProgress) {
  const { error, waitsAt } = progress;
  return {
    state: progress.state,
    calls: JSON.stringify(progress.calls),
    logs: JSON.stringify(progress.logs),
    error: error ? JSON.stringify(error) : null,
    result_bytes: progress.resultBytes ?? null,
    cut_characters: progress.cutCharacters ?? null,
    cpu_ms: progress.cpuMs,
    duration_ms: progress.durationMs,
    waits_at: waitsAt?.length ? JSON.stringify(waitsAt) : null,
    updated_at: new Date(),
  };
}

/** An execution as a row has it. */
export function toExecution(row: ShownRow): CodeExecution {
  return {
    id: row.id,
    kind: row.kind as CodeExecution['kind'],
    state: row.state as CodeExecutionState,
    portal: row.portal,
    caller: row.caller_uuid,
    clientName: row.client_name ?? undefined,
    code: row.code,
    calls: JSON.parse(row.calls),
    logs: JSON.parse(row.logs),
    error: row.error === null ? undefined : JSON.parse(row.error),
    resultBytes: row.result_bytes ?? undefined,
    cutCharacters: row.cut_characters ?? undefined,
    cpuMs: row.cpu_ms,
    durationMs: row.duration_ms,
    waitsAt: row.waits_at === null ? undefined : JSON.parse(row.waits_at),
    startedAt: new Date(row.started_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}
