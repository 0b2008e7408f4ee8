import { jsonDepth } from '../output/jsonDepth';
import { MAX_JSON_DEPTH } from '../output/truncateJson';
import { ProtocolError } from '../protocol/frames';
import type { CallRecord, CallSummary, Recording, Replay } from './Execution';
import type { Limits } from './limits';
import { ReplayDivergenceError } from './ReplayDivergenceError';

/** What the host's function learns of a call. */
export interface CallContext {
  /** From 1, in the order of the execution's calls. */
  callNumber: number;
  /** Aborted when the execution ends before the call. */
  signal: AbortSignal;
  /**
   * Stops the execution's wall clock, for a call that waits for a human.
   * It goes on when the function that is returned is called, or with the call's answer.
   */
  pauseClock(): () => void;
  /** The call as it is kept when the execution is stopped before its answer: a replay makes it, and no other in its place. */
  unanswered: CallRecord;
  /** What is recorded so far: enough to replay the execution up to this call. */
  recording(): Recording;
}

/**
 * Calls a tool for a snippet. What it returns is sent as JSON; of what it
 * throws the name and the message.
 */
export type CallTool = (
  name: string,
  args: Record<string, unknown>,
  context: CallContext,
) => Promise<unknown>;

interface DeskOptions {
  call: CallTool;
  onCall?: (record: CallRecord) => void;
  tools: ReadonlySet<string>;
  limits: Limits;
  replay?: Replay;
  pauseClock(): () => void;
  recording(): Recording;
  /** Sends an answer into the sandbox. */
  answer(operation: number, ok: boolean, json: string): void;
}

interface OpenCall {
  summary: CallSummary;
  startedAt: number;
  abort: AbortController;
}

const ERROR_CHARACTERS = 4000;
const NAME_CHARACTERS = 100;

/** Takes the calls of one execution: counts and checks them again, makes or replays them, answers. */
export class CallDesk {
  readonly calls: CallSummary[] = [];
  readonly #options: DeskOptions;
  readonly #open = new Map<number, OpenCall>();
  readonly #replayed: Map<number, CallRecord>;
  #isClosed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#replayed = new Map(
      options.replay?.calls.map(record => [record.number, record]),
    );
  }

  /** Recorded calls that the code did not make, though it came to its end. */
  get unmade(): CallRecord | undefined {
    return [...this.#replayed.values()].find(
      ({ number }) => number > this.calls.length,
    );
  }

  /**
   * @throws ProtocolError if a sandbox that follows the rules could not have sent this.
   * @throws ReplayDivergenceError if the replayed execution made another call here.
   */
  take(operation: number, tool: string, json: string) {
    const { limits, tools } = this.#options;
    if (
      this.calls.length >= limits.calls ||
      this.#open.size >= limits.callsInFlight ||
      this.#open.has(operation) ||
      Buffer.byteLength(json) > limits.argumentBytes ||
      !tools.has(tool)
    ) {
      throw new ProtocolError('The sandbox sent a call that its rules forbid');
    }
    const args = parseArguments(json);
    const summary: CallSummary = {
      number: this.calls.length + 1,
      tool,
      ms: 0,
      outcome: 'abandoned',
    };
    this.calls.push(summary);
    const open: OpenCall = {
      summary,
      startedAt: performance.now(),
      abort: new AbortController(),
    };
    this.#open.set(operation, open);
    const recorded = this.#recorded(summary, json);
    if (recorded) {
      summary.isReplayed = true;
      this.#settle(operation, open, recorded);
    } else {
      void this.#make(operation, open, args, json);
    }
  }

  /** The execution is over: tells open calls so, and answers none any more. */
  close() {
    this.#isClosed = true;
    const reason = new Error('The execution ended');
    for (const { summary, startedAt, abort } of this.#open.values()) {
      summary.ms = elapsed(startedAt);
      abort.abort(reason);
    }
    this.#open.clear();
  }

  #recorded(
    { number, tool }: CallSummary,
    json: string,
  ): CallRecord | undefined {
    const record = this.#replayed.get(number);
    if (!record) {
      return undefined;
    }
    if (record.tool !== tool || record.arguments !== json) {
      throw new ReplayDivergenceError(
        `Call ${number} was ${record.tool}(${shorten(
          record.arguments,
        )}) and now is ${tool}(${shorten(json)})`,
      );
    }
    return record.result === undefined && !record.error ? undefined : record;
  }

  async #make(
    operation: number,
    open: OpenCall,
    args: Record<string, unknown> | undefined,
    json: string,
  ) {
    const { call, pauseClock, recording } = this.#options;
    const { number, tool } = open.summary;
    const resumes: (() => void)[] = [];
    let outcome: Pick<CallRecord, 'result' | 'error'>;
    try {
      if (!args) {
        throw new TypeError(
          `Arguments are nested deeper than ${MAX_JSON_DEPTH}`,
        );
      }
      const value = await call(tool, args, {
        callNumber: number,
        signal: open.abort.signal,
        pauseClock: () => {
          const resume = pauseClock();
          resumes.push(resume);
          return resume;
        },
        unanswered: { number, tool, arguments: json, ms: 0 },
        recording,
      });
      outcome = { result: this.#encode(tool, value) };
    } catch (error) {
      outcome = { error: describe(error) };
    }
    for (const resume of resumes) {
      resume();
    }
    if (this.#isClosed) {
      return;
    }
    const ms = elapsed(open.startedAt);
    const record = { number, tool, arguments: json, ms, ...outcome };
    this.#settle(operation, open, this.#kept(record));
  }

  /** Kept before the code goes on: what is not kept could not be replayed. */
  #kept(record: CallRecord): CallRecord {
    try {
      this.#options.onCall?.(record);
      return record;
    } catch (error) {
      return { ...record, result: undefined, error: describe(error) };
    }
  }

  #encode(tool: string, value: unknown): string {
    const { resultBytes } = this.#options.limits;
    const json = JSON.stringify(value) ?? 'null';
    const bytes = Buffer.byteLength(json);
    if (bytes > resultBytes) {
      throw new RangeError(
        `The result of ${tool} has ${bytes} bytes of at most ${resultBytes}; ask for less`,
      );
    }
    return json;
  }

  #settle(operation: number, open: OpenCall, record: CallRecord) {
    const { summary } = open;
    summary.ms = record.ms;
    summary.outcome = record.error ? 'error' : 'ok';
    this.#open.delete(operation);
    this.#options.answer(
      operation,
      !record.error,
      record.error ? JSON.stringify(record.error) : record.result ?? 'null',
    );
  }
}

/** @returns undefined if it is nested too deep for those who will read it. */
function parseArguments(json: string): Record<string, unknown> | undefined {
  if (jsonDepth(json) > MAX_JSON_DEPTH) {
    return undefined;
  }
  let args: unknown;
  try {
    args = JSON.parse(json);
  } catch (cause) {
    throw new ProtocolError('Arguments are not JSON', { cause });
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new ProtocolError('Arguments are no object');
  }
  return args as Record<string, unknown>;
}

function describe(error: unknown): { name: string; message: string } {
  if (error instanceof Error) {
    return {
      name: String(error.name).slice(0, NAME_CHARACTERS),
      message: String(error.message).slice(0, ERROR_CHARACTERS),
    };
  }
  return { name: 'Error', message: String(error).slice(0, ERROR_CHARACTERS) };
}

function shorten(json: string): string {
  return json.length > 200 ? `${json.slice(0, 199)}…` : json;
}

function elapsed(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
