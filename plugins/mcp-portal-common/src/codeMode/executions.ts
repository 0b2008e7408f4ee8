/**
 * How an execution of Code Mode ended, or that it has not:
 *
 * - `ok`
 * - `error`: the code threw, is no JavaScript, its sandbox was lost, or guardrails held its result back
 * - `limit`: it hit a limit
 * - `cancelled`: by the client, or because it lost its connection
 * - `paused`: it waits for a person, and goes on when the client says so
 * - `resuming`: it goes on
 *
 * @public
 */
export type CodeExecutionState =
  | 'ok'
  | 'error'
  | 'limit'
  | 'cancelled'
  | 'paused'
  | 'resuming';

/** A call that code made. @public */
export interface CodeExecutionCall {
  /** From 1, in the order of the calls. */
  number: number;
  /** Name in the portal. */
  tool: string;
  ms: number;
  /** `abandoned`: the execution ended before the answer; the call may have had its effect. */
  outcome: 'ok' | 'error' | 'abandoned';
  /** It was made before the execution was paused, and not again. */
  isReplayed?: boolean;
}

/**
 * What a model's code did. Secrets and personal data are taken out of code, logs
 * and error. What policy and guardrails said to each call is in the audit trail,
 * under the execution's id.
 *
 * @public
 */
export interface CodeExecution {
  id: string;
  /** `search` looks at tools, and calls none. */
  kind: 'search' | 'execute';
  state: CodeExecutionState;
  portal: string;
  /** UUID. */
  caller: string;
  clientName?: string;
  code: string;
  calls: CodeExecutionCall[];
  logs: Array<{ level: string; text: string }>;
  error?: {
    name: string;
    message: string;
    /** In the code, from 1. */
    line?: number;
    column?: number;
    /** The limit that was hit, such as `cpu`. */
    limit?: string;
  };
  /** What was told to the model, UTF-8. */
  resultBytes?: number;
  /** Characters of the result before it was cut; absent when it is whole. */
  cutCharacters?: number;
  cpuMs: number;
  durationMs: number;
  /** Where people decide on what it waits for. */
  waitsAt?: string[];
  /** ISO 8601. */
  startedAt: string;
  /** When it ended or was paused, ISO 8601. */
  updatedAt: string;
}

/** Executions, the latest first. @public */
export interface CodeExecutionPage {
  items: CodeExecution[];
  /** Of the next page; absent on the last one. */
  nextCursor?: string;
}

/** How the sandboxes of one replica are. @public */
export interface CodeModeStatus {
  /** What keeps code from the machine, best first: `bwrap`, `unshare-user`, `unshare-root`, `plain`. Absent until a sandbox was started. */
  isolation?: string;
  engine?: string;
  processes: number;
  /** Executions that run. */
  executions: number;
  /** Executions that wait for a sandbox. */
  waiting: number;
  /** Processes that were lost since the start, by reason. */
  lost: Record<string, number>;
}
