import { jsonDepth } from '../output/jsonDepth';
import { MAX_JSON_DEPTH } from '../output/truncateJson';
import type {
  LossReason,
  SandboxChild,
  SandboxListener,
} from '../pool/SandboxChild';
import { ProtocolError } from '../protocol/frames';
import type { SandboxMessage } from '../protocol/messages';
import type { ToolCatalog } from '../tools/ToolCatalogs';
import { CallDesk } from './CallDesk';
import type { CallTool } from './CallDesk';
import type {
  CallRecord,
  Execution,
  LogLine,
  Replay,
  SnippetError,
} from './Execution';
import type { Limits } from './limits';
import { Recorder } from './Recorder';
import { ReplayDivergenceError } from './ReplayDivergenceError';
import { WallClock } from './WallClock';

// A sandbox that is told to stop says what it still has to say; the answer does not wait longer.
const LAST_WORDS_MS = 100;

export interface ExecutionRequest {
  code: string;
  catalog: ToolCatalog;
  call: CallTool;
  limits: Limits;
  seed: number[];
  signal?: AbortSignal;
  replay?: Replay;
  onCall?: (record: CallRecord) => void;
}

/** What an execution comes to, without what is measured around it. */
export type Ending = Omit<Execution, 'durationMs'>;

/** The process was lost, through no fault of this execution, before it did anything that counts. */
export const MUST_START_AGAIN = Symbol('must start again');

type Ended = Extract<SandboxMessage, { kind: 'ended' }>;

/** The host's side of one execution in one process. */
export class RunningExecution implements SandboxListener {
  readonly cpuMs: number;
  readonly #id: number;
  readonly #child: SandboxChild;
  readonly #request: ExecutionRequest;
  readonly #onFree: (cpuMs: number, isUnsound: boolean) => void;
  readonly #onLateAnswer: () => void;
  readonly #wall: WallClock;
  readonly #desk: CallDesk;
  readonly #recorder: Recorder;
  readonly #logs: LogLine[] = [];
  readonly #ending: Promise<Ending | typeof MUST_START_AGAIN>;
  #logBytes = 0;
  #resolve: (ending: Ending | typeof MUST_START_AGAIN) => void = () => {};
  #stopped: { outcome: Execution['outcome']; error: SnippetError } | undefined;
  #lastWords: NodeJS.Timeout | undefined;
  #isOver = false;
  #isFree = false;

  /** @param onFree - the process has room again. Called once, after the ending or with it. */
  constructor(
    id: number,
    child: SandboxChild,
    request: ExecutionRequest,
    callbacks: {
      onFree(cpuMs: number, isUnsound: boolean): void;
      onLateAnswer(): void;
    },
  ) {
    const { limits, replay, catalog } = request;
    this.cpuMs = limits.cpuMs;
    this.#id = id;
    this.#child = child;
    this.#request = request;
    this.#onFree = callbacks.onFree;
    this.#onLateAnswer = callbacks.onLateAnswer;
    this.#ending = new Promise(resolve => {
      this.#resolve = resolve;
    });
    this.#recorder = new Recorder(request.seed, catalog.hash);
    this.#wall = new WallClock(limits.wallMs, () => this.#expire());
    this.#desk = new CallDesk({
      call: request.call,
      onCall: request.onCall,
      tools: catalog.names,
      limits,
      replay,
      pauseClock: () => this.#wall.pause(),
      recording: () => this.#recorder.recording,
      answer: (operation, ok, json) =>
        child.send({ kind: 'settle', id, operation, ok }, json),
    });
  }

  /** Runs the code and waits for its end. */
  async run(): Promise<Ending | typeof MUST_START_AGAIN> {
    const { code, catalog, limits, seed, replay, signal } = this.#request;
    const onAbort = () => this.#cancel();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#child.provide(catalog);
    this.#child.attach(this.#id, this);
    if (this.#child.isLost) {
      this.onLost('exited', false);
    }
    this.#child.send(
      {
        kind: 'execute',
        id: this.#id,
        catalog: catalog.hash,
        limits,
        seed,
        dates: replay?.recording.dates ?? [],
        turns: replay?.recording.turns ?? [],
      },
      code,
    );
    if (signal?.aborted) {
      this.#cancel();
    }
    try {
      return await this.#ending;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  onMessage(message: SandboxMessage, text: string) {
    switch (message.kind) {
      case 'log':
        this.#onLog(message.level, text);
        break;
      case 'call':
        this.#recorder.add(message.recorded);
        this.#onCall(message.operation, message.tool, text);
        break;
      case 'ended':
        this.#recorder.add(message.recorded);
        this.#onEnded(message, text);
        break;
      default:
        throw new ProtocolError('Not a message of an execution');
    }
  }

  onLost(reason: LossReason, isCulprit: boolean) {
    this.#free(0, true);
    if (this.#isOver) {
      return;
    }
    if (this.#stopped) {
      this.#finish(this.#stopped, 0);
    } else if (
      !isCulprit &&
      this.#desk.calls.length === 0 &&
      reason !== 'closed'
    ) {
      this.#close();
      this.#resolve(MUST_START_AGAIN);
    } else {
      this.#finish(lossOf(reason, isCulprit, this.cpuMs), 0);
    }
  }

  #onLog(level: string, text: string) {
    // The note that lines were left out comes on top.
    const bytes = Buffer.byteLength(text);
    this.#logBytes += bytes;
    if (
      this.#logBytes > this.#request.limits.logBytes * 2 + 1000 ||
      this.#logs.length > 1000
    ) {
      throw new ProtocolError('The sandbox logs more than it may');
    }
    this.#logs.push({ level, text });
  }

  #onCall(operation: number, tool: string, json: string) {
    if (this.#isOver || this.#stopped) {
      return;
    }
    try {
      this.#desk.take(operation, tool, json);
    } catch (error) {
      if (!(error instanceof ReplayDivergenceError)) {
        throw error;
      }
      this.#stop('error', { name: error.name, message: error.message });
    }
  }

  #onEnded(message: Ended, text: string) {
    this.#child.detach(this.#id);
    if (this.#isOver) {
      this.#onLateAnswer();
    } else if (this.#stopped) {
      this.#finish(this.#stopped, message.cpuMs);
    } else if (message.error) {
      const outcome = message.error.limit ? 'limit' : 'error';
      this.#finish(
        { outcome, error: withoutUndefined(message.error) },
        message.cpuMs,
      );
    } else {
      this.#finishWell(message, text);
    }
    this.#free(message.cpuMs, message.unsound);
  }

  #finishWell(message: Ended, text: string) {
    const { unmade } = this.#desk;
    if (unmade) {
      const error = new ReplayDivergenceError(
        `The code ended without call ${unmade.number} (${unmade.tool}), which is recorded`,
      );
      const { name, message: words } = error;
      this.#finish(
        { outcome: 'error', error: { name, message: words } },
        message.cpuMs,
      );
      return;
    }
    const value = parseResult(text, this.#request.limits.outputCharacters);
    this.#finish(
      {
        outcome: 'ok',
        text,
        value,
        ...(message.cut ? { cut: message.cut } : {}),
      },
      message.cpuMs,
    );
  }

  #expire() {
    const { wallMs } = this.#request.limits;
    this.#stop('limit', {
      name: 'LimitError',
      message: `The execution took longer than ${wallMs} ms`,
      limit: 'wall',
    });
  }

  #cancel() {
    this.#stop('cancelled', {
      name: 'CancelledError',
      message: 'The execution was cancelled',
    });
  }

  #stop(outcome: Execution['outcome'], error: SnippetError) {
    if (this.#isOver || this.#stopped) {
      return;
    }
    this.#stopped = { outcome, error };
    this.#close();
    this.#child.send({ kind: 'cancel', id: this.#id });
    this.#lastWords = setTimeout(
      () => this.#finish({ outcome, error }, 0),
      LAST_WORDS_MS,
    );
  }

  #finish(
    result: Pick<Execution, 'outcome' | 'text' | 'value' | 'cut' | 'error'>,
    cpuMs: number,
  ) {
    if (this.#isOver) {
      return;
    }
    this.#close();
    this.#isOver = true;
    clearTimeout(this.#lastWords);
    this.#resolve({
      ...result,
      logs: this.#logs,
      calls: this.#desk.calls.map(call => ({ ...call })),
      recording: this.#recorder.recording,
      cpuMs,
    });
  }

  #close() {
    this.#wall.stop();
    this.#desk.close();
  }

  #free(cpuMs: number, isUnsound: boolean) {
    if (!this.#isFree) {
      this.#isFree = true;
      this.#onFree(cpuMs, isUnsound);
    }
  }
}

/** @throws ProtocolError if the sandbox did not keep to the limits. */
function parseResult(text: string, outputCharacters: number): unknown {
  if (text.length > outputCharacters || jsonDepth(text) > MAX_JSON_DEPTH) {
    throw new ProtocolError('The result is longer or deeper than it may be');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError('The result is not JSON', { cause });
  }
}

function lossOf(
  reason: LossReason,
  isCulprit: boolean,
  cpuMs: number,
): { outcome: Execution['outcome']; error: SnippetError } {
  if (reason === 'unresponsive' && isCulprit) {
    return {
      outcome: 'limit',
      error: {
        name: 'LimitError',
        message: `The code used more than ${cpuMs} ms of CPU time in an operation that cannot be interrupted`,
        limit: 'cpu',
      },
    };
  }
  return {
    outcome: 'error',
    error: {
      name: 'SandboxLostError',
      message: `The sandbox was lost (${reason}); calls that were made may have had their effect`,
    },
  };
}

function withoutUndefined(error: SnippetError): SnippetError {
  const kept = Object.entries(error).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as unknown as SnippetError;
}
