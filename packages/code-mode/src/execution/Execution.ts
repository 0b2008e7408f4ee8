import type { DateReads } from '../protocol/messages';

/** How an execution went. */
export interface Execution {
  /**
   * - `ok`: there is a result.
   * - `error`: the snippet threw, is not JavaScript, or its sandbox was lost.
   * - `limit`: it hit a limit; `error.limit` names which.
   * - `cancelled`: by the signal.
   */
  outcome: 'ok' | 'error' | 'limit' | 'cancelled';
  /** The result as JSON, at most `outputCharacters` long; with outcome `ok` only. */
  text?: string;
  /** The same, parsed. */
  value?: unknown;
  /** Characters of JSON that the result had before it was cut; absent if it is whole. */
  cut?: number;
  error?: SnippetError;
  logs: LogLine[];
  /** Calls of tools so far, also when the execution failed. */
  calls: CallSummary[];
  /** With this and its calls the execution can be replayed. */
  recording: Recording;
  /** From start to answer, with waiting for a process. */
  durationMs: number;
  /** CPU time of the code; 0 if the sandbox was lost before it said so. */
  cpuMs: number;
}

export interface SnippetError {
  name: string;
  message: string;
  /** In the code as it was given, from 1. */
  line?: number;
  column?: number;
  /** The limit that was hit, such as `cpu`, `memory`, `wall` or `calls`. */
  limit?: string;
}

export interface LogLine {
  level: string;
  text: string;
}

export interface CallSummary {
  /** From 1, in the order of the calls. */
  number: number;
  tool: string;
  ms: number;
  /** `abandoned`: the execution ended before the call; it may have had its effect. */
  outcome: 'ok' | 'error' | 'abandoned';
  /** The answer came from the replayed execution; the tool was not called again. */
  isReplayed?: boolean;
}

/** What an execution saw beyond its calls: all that makes a replay exact. */
export interface Recording {
  /** Four 32-bit numbers from which `Math.random` follows. */
  seed: number[];
  /** The times that the snippet read, with the number of reads in a row. */
  dates: DateReads[];
  /** Operations (calls, sleeps, lookups) in the order in which they were settled. */
  turns: number[];
  /** Hash of the tool definitions, if the snippet looked at them. */
  catalog?: string;
}

/** A call as it is kept for a replay. */
export interface CallRecord {
  number: number;
  tool: string;
  /** JSON. */
  arguments: string;
  ms: number;
  /** JSON; absent if the call failed or has no answer. */
  result?: string;
  error?: { name: string; message: string };
}

/** An earlier execution of the same code, to be continued. */
export interface Replay {
  recording: Recording;
  /** Calls with their answers. One without an answer is made again. */
  calls: CallRecord[];
}
