import type { JsonDocument } from '../document/JsonDocument';
import type { Sandbox, SandboxOptions } from '../engine/Engine';
import { truncateJson } from '../output/truncateJson';
import type {
  ErrorReport,
  HostMessage,
  Recorded,
  SandboxMessage,
} from '../protocol/messages';
import { prepareSnippet } from '../source/prepareSnippet';
import type { PreparedSnippet } from '../source/prepareSnippet';
import { SnippetSyntaxError } from '../source/SnippetSyntaxError';
import type { Catalog } from '../tools/Catalog';
import { cpuTimeMs } from './cpuTime';
import { describeFailure } from './describeFailure';
import { RecordedClock } from './RecordedClock';
import { Turns } from './Turns';

/** As the engine says it. */
const OUT_OF_MEMORY = { name: 'InternalError', message: 'out of memory' };

/** More JSON than this does not leave the engine; what does is cut to size outside of it. */
const RESULT_CHARACTERS = 8_000_000;
const LOG_LINES = 500;
const LOOKUPS = 200;
const SLEEPS = 200;

/** Of a document, written out at once. */
const DOCUMENT_NODES = 50_000;

type Request = Extract<HostMessage, { kind: 'execute' }>;
type Send = (message: SandboxMessage, text?: string) => void;

/** What the snippet sees. */
export interface SnippetView {
  catalog: Catalog;
  document?: { name: string; content: JsonDocument };
}

/** What came out of the snippet: JSON, or an error. */
type Outcome = { json: string } | { error: ErrorReport };

/**
 * One execution in the sandbox process. Code runs in turns: the snippet's
 * start, and whatever follows from each settled call, sleep or lookup. Between
 * turns the process answers the host.
 */
export class SnippetRun {
  readonly #request: Request;
  readonly #code: string;
  readonly #catalog: Catalog;
  readonly #document: SnippetView['document'];
  readonly #send: Send;
  readonly #schedule: (turn: () => void) => void;
  readonly #onEnd: () => void;
  readonly #clock: RecordedClock;
  readonly #turns: Turns;
  readonly #timers = new Set<NodeJS.Timeout>();
  #sandbox: Sandbox | undefined;
  #prepared: PreparedSnippet | undefined;
  #outcome: Outcome | undefined;
  #recordedTurns: number[] = [];
  #lookups = 0;
  #cpuMs = 0;
  #turnStartedAt = 0;
  #isOverCpu = false;
  #isEnded = false;

  constructor(
    request: Request,
    code: string,
    { catalog, document }: SnippetView,
    host: {
      send: Send;
      schedule(turn: () => void): void;
      onEnd(): void;
    },
  ) {
    this.#request = request;
    this.#code = code;
    this.#catalog = catalog;
    this.#document = document;
    this.#send = host.send;
    this.#schedule = host.schedule;
    this.#onEnd = host.onEnd;
    this.#clock = new RecordedClock(request.dates);
    this.#turns = new Turns(request.turns);
  }

  /** Opens the sandbox and runs the snippet's first turn. */
  async start(open: (options: SandboxOptions) => Promise<Sandbox>) {
    const { limits, seed } = this.#request;
    const sandbox = await open({
      memoryBytes: limits.memoryBytes,
      now: () => this.#clock.now(),
      isInterrupted: () => this.#isInterrupted(),
      post: (kind, id, a, b) => this.#onPost(kind, id, a, b),
      read: pointer => this.#read(pointer),
    });
    if (this.#isEnded) {
      sandbox.close();
      return;
    }
    this.#sandbox = sandbox;
    this.#turn(() => {
      this.#prepared = prepareSnippet(this.#code);
      const start = {
        seed,
        calls: limits.calls,
        callsInFlight: limits.callsInFlight,
        argumentBytes: limits.argumentBytes,
        resultCharacters: RESULT_CHARACTERS,
        logBytes: limits.logBytes,
        logLines: LOG_LINES,
        lookups: LOOKUPS,
        sleeps: SLEEPS,
        sleepTotalMs: limits.sleepTotalMs,
        namespace: this.#catalog.namespace,
        document: this.#document?.name,
        documentNodes: DOCUMENT_NODES,
      };
      sandbox.receive('start', 0, JSON.stringify(start));
      sandbox.run(this.#prepared.expression);
    });
  }

  /** The host answers a call. */
  settle(operation: number, ok: boolean, text: string) {
    this.#turns.add(operation, { kind: ok ? 'result' : 'error', text });
    this.#schedule(() => this.#settleNext());
  }

  cancel() {
    this.#end({
      error: { name: 'CancelledError', message: 'The execution was cancelled' },
    });
  }

  #isInterrupted(): boolean {
    const used = this.#cpuMs + cpuTimeMs() - this.#turnStartedAt;
    this.#isOverCpu ||= used > this.#request.limits.cpuMs;
    return this.#isOverCpu;
  }

  #turn(work: () => void) {
    if (this.#isEnded) {
      return;
    }
    this.#turnStartedAt = cpuTimeMs();
    let failure: unknown;
    try {
      work();
    } catch (error) {
      failure = error ?? new Error('The engine failed');
    }
    this.#cpuMs += cpuTimeMs() - this.#turnStartedAt;
    if (this.#outcome) {
      this.#end(this.#outcome);
    } else if (this.#isOverCpu) {
      this.#end({ error: this.#overCpu() });
    } else if (failure) {
      this.#end({ error: this.#report(failure) }, isUnsound(failure));
    } else {
      this.#checkReplay();
    }
  }

  #settleNext() {
    const next = this.#turns.take();
    if (!next || this.#isEnded) {
      return;
    }
    this.#recordedTurns.push(next.operation);
    const { kind, text } = next.delivery;
    this.#turn(() => this.#sandbox?.receive(kind, next.operation, text));
    // In a replay the next outcome can be here already.
    this.#schedule(() => this.#settleNext());
  }

  #checkReplay() {
    const missing = this.#turns.missing();
    if (missing !== undefined) {
      this.#end({
        error: {
          name: 'ReplayDivergenceError',
          message: `The code does something else than what was recorded: it never starts operation ${missing}`,
        },
      });
    }
  }

  #onPost(kind: string, id: number, a: string, b: string) {
    switch (kind) {
      case 'call':
        this.#onCall(id, a, b);
        break;
      case 'lookup':
        this.#onLookup(id, a, b);
        break;
      case 'sleep':
        this.#onSleep(id, Number(a));
        break;
      case 'log':
        this.#send({ kind: 'log', id: this.#request.id, level: a }, b);
        break;
      case 'done':
        this.#outcome ??= { json: a };
        break;
      case 'failed':
        this.#outcome ??= { error: this.#reported(a) };
        break;
      default:
        throw new Error('The sandbox posted something unknown');
    }
  }

  #onCall(operation: number, tool: string, args: string) {
    this.#turns.start(operation);
    const refusal = this.#refusal(tool, args);
    if (refusal) {
      this.settle(operation, false, JSON.stringify(refusal));
      return;
    }
    this.#send(
      {
        kind: 'call',
        id: this.#request.id,
        operation,
        tool,
        recorded: this.#takeRecorded(),
      },
      args,
    );
  }

  #refusal(tool: string, args: string): ErrorReport | undefined {
    const { argumentBytes } = this.#request.limits;
    if (!this.#catalog.has(tool)) {
      return {
        name: 'UnknownToolError',
        message: this.#catalog.unknownTool(tool),
      };
    }
    if (Buffer.byteLength(args) > argumentBytes) {
      return {
        name: 'LimitError',
        message: `Arguments of ${tool} are longer than ${argumentBytes} bytes`,
        limit: 'argumentBytes',
      };
    }
    return undefined;
  }

  #onLookup(operation: number, kind: string, request: string) {
    this.#turns.start(operation);
    this.#lookups += 1;
    this.#schedule(() => {
      if (!this.#isEnded) {
        this.#lookUp(operation, kind, request);
      }
    });
  }

  #read(pointer: string): string {
    // As of tools: a replay has to see the same.
    this.#lookups += 1;
    return this.#document
      ? this.#document.content.read(pointer, this.#catalog.omitted)
      : JSON.stringify({ error: 'There is no document' });
  }

  #lookUp(operation: number, kind: string, request: string) {
    const startedAt = cpuTimeMs();
    try {
      const text = this.#catalog.lookUp(kind, request);
      if (text.length > this.#request.limits.resultBytes) {
        throw new Error(
          `There are too many tools to list; use ${
            this.#catalog.namespace
          }.search(query)`,
        );
      }
      this.settle(operation, true, text);
    } catch (error) {
      const { message } = error as Error;
      this.settle(operation, false, JSON.stringify({ name: 'Error', message }));
    }
    this.#cpuMs += cpuTimeMs() - startedAt;
  }

  #onSleep(operation: number, ms: number) {
    this.#turns.start(operation);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.settle(operation, true, '');
      },
      this.#turns.isReplayed(operation) ? 0 : ms,
    );
    this.#timers.add(timer);
  }

  #takeRecorded(): Recorded {
    const recorded = {
      dates: this.#clock.take(),
      turns: this.#recordedTurns,
      lookups: this.#lookups,
    };
    this.#recordedTurns = [];
    this.#lookups = 0;
    return recorded;
  }

  #overCpu(): ErrorReport {
    const { cpuMs } = this.#request.limits;
    return {
      name: 'LimitError',
      message: `The code used more than ${cpuMs} ms of CPU time`,
      limit: 'cpu',
    };
  }

  /** What the bootstrap script says of an error that the snippet threw. */
  #reported(json: string): ErrorReport {
    if (this.#isOverCpu) {
      return this.#overCpu();
    }
    const failure = JSON.parse(json);
    return describeFailure(
      // Without room even for the error, the engine throws null.
      failure.message === 'null' && this.#isFull() ? OUT_OF_MEMORY : failure,
      this.#prepared,
      this.#memoryLimit(),
    );
  }

  /** An error that came out of the engine itself, or of preparing the code. */
  #report(failure: unknown): ErrorReport {
    if (failure instanceof SnippetSyntaxError) {
      const { name, message, line, column } = failure;
      return { name, message, line, column };
    }
    if (this.#isOverCpu) {
      // The engine may fail when it gives up what it was stopped at, such as a long chain.
      return this.#overCpu();
    }
    const { name, message, stack } = failure as Error;
    return describeFailure(
      { name, message, stack },
      this.#prepared,
      this.#memoryLimit(),
    );
  }

  #isFull(): boolean {
    return (this.#sandbox?.usedMemoryBytes() ?? 0) > this.#memoryLimit() * 0.9;
  }

  #memoryLimit(): number {
    return this.#request.limits.memoryBytes;
  }

  #end(outcome: Outcome, unsound = false) {
    if (this.#isEnded) {
      return;
    }
    this.#isEnded = true;
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    const startedAt = cpuTimeMs();
    const result = this.#cutToSize(outcome);
    this.#cpuMs += cpuTimeMs() - startedAt;
    const { limits, id } = this.#request;
    const grown =
      (this.#sandbox?.usedMemoryBytes() ?? 0) > limits.memoryBytes / 2;
    this.#sandbox?.close();
    this.#sandbox = undefined;
    this.#send(
      {
        kind: 'ended',
        id,
        error: result.error,
        cut: result.cut,
        recorded: this.#takeRecorded(),
        cpuMs: Math.round(this.#cpuMs * 10) / 10,
        // A large engine memory is given back with the process sooner than by the collector.
        unsound: unsound || grown,
      },
      result.json,
    );
    this.#onEnd();
  }

  #cutToSize(outcome: Outcome): {
    json: string;
    cut?: number;
    error?: ErrorReport;
  } {
    if ('error' in outcome) {
      return { json: '', error: outcome.error };
    }
    return truncateJson(outcome.json, this.#request.limits.outputCharacters);
  }
}

/** WebAssembly trapped: its memory is gone with it, but the process is not trusted any more. */
function isUnsound(failure: unknown): boolean {
  return failure instanceof WebAssembly.RuntimeError;
}
