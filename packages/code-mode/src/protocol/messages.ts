/** When the snippet read the clock: milliseconds since 1970, and how often in a row. */
export type DateReads = [epochMs: number, reads: number];

/** Limits that the sandbox process enforces, or tells the snippet of. */
export interface SandboxLimits {
  cpuMs: number;
  memoryBytes: number;
  calls: number;
  callsInFlight: number;
  argumentBytes: number;
  resultBytes: number;
  outputCharacters: number;
  logBytes: number;
  sleepTotalMs: number;
}

/** What the host says to a sandbox process. */
export type HostMessage =
  /** Text: as of a `ToolCatalog`. */
  | {
      kind: 'catalog';
      hash: string;
      namespace: string;
      document?: { hash: string; name: string };
    }
  | { kind: 'forget'; hash: string }
  /** Text: the document. */
  | { kind: 'document'; hash: string }
  | { kind: 'forget-document'; hash: string }
  /** Text: the code. */
  | {
      kind: 'execute';
      id: number;
      catalog: string;
      limits: SandboxLimits;
      seed: number[];
      dates: DateReads[];
      turns: number[];
    }
  /** Text: the result as JSON, or an `ErrorReport`. */
  | { kind: 'settle'; id: number; operation: number; ok: boolean }
  | { kind: 'cancel'; id: number }
  | { kind: 'ping'; number: number };

/** What a sandbox process says to the host. */
export type SandboxMessage =
  | { kind: 'ready'; engine: string; interfaces: string[] }
  | { kind: 'pong'; number: number }
  /** The document was read. */
  | { kind: 'document'; hash: string }
  /** Whose code runs from now on; if the process is lost, it was that one's doing. */
  | { kind: 'turn'; id: number }
  /** Text: the line. */
  | { kind: 'log'; id: number; level: string }
  /** Text: the arguments as JSON. */
  | {
      kind: 'call';
      id: number;
      operation: number;
      tool: string;
      recorded: Recorded;
    }
  /** Text: the result as JSON. */
  | {
      kind: 'ended';
      id: number;
      error?: ErrorReport;
      cut?: number;
      recorded: Recorded;
      cpuMs: number;
      unsound: boolean;
    };

/** What happened since the last message of the same execution. */
export interface Recorded {
  dates: DateReads[];
  /** Operations in the order in which they were settled. */
  turns: number[];
  lookups: number;
}

/** An error as it crosses the boundary: text only. */
export interface ErrorReport {
  name: string;
  message: string;
  line?: number;
  column?: number;
  limit?: string;
}
