import { randomBytes } from 'node:crypto';
import { InputError } from '@backstage/errors';
import type { DocumentView } from './document/DocumentView';
import type { CallTool } from './execution/CallDesk';
import type { CallRecord, Execution, Replay } from './execution/Execution';
import {
  lowerLimits,
  readLimits,
  SEARCH_LIMITS,
  tightenLimits,
} from './execution/limits';
import type { Limits } from './execution/limits';
import {
  MUST_START_AGAIN,
  RunningExecution,
} from './execution/RunningExecution';
import type { ExecutionRequest } from './execution/RunningExecution';
import type { Isolation } from './isolation/isolations';
import { readPoolOptions } from './pool/poolOptions';
import type { ProcessOptions } from './pool/poolOptions';
import { SandboxPool } from './pool/SandboxPool';
import type { PoolHealth } from './pool/SandboxPool';
import { ToolCatalogs } from './tools/ToolCatalogs';
import type { ToolDefinition } from './tools/ToolDefinition';

// Frames carry a header and the longest text of them all.
const HEADER_BYTES = 2_000_000;
const MAX_CHARACTER_BYTES = 4;
const ATTEMPTS = 3;

const CANCELLED = {
  name: 'CancelledError',
  message: 'The execution was cancelled',
};

export interface CodeModeOptions {
  /** Limits of every execution; each has a default. */
  limits?: Partial<Limits>;
  processes?: ProcessOptions;
  /**
   * Run code also where neither bubblewrap nor unshare works. Then only the
   * engine is between a snippet and the network.
   */
  allowPlain?: boolean;
  /** Kinds of isolation to try, in this order. Default: all, best first. */
  isolations?: readonly Isolation[];
  /** Told once which of them works here, and why better ones do not; for the log. */
  onIsolation?: (isolation: Isolation, failures: string[]) => void;
}

export interface SearchRequest {
  /** JavaScript or TypeScript: an async function, statements, or an expression. */
  code: string;
  /** What the code can see and call. The same array should be given as long as tools do not change. */
  tools: readonly ToolDefinition[];
  /** Name of the global with the tools. Default: `codemode`. */
  namespace?: string;
  /** A JSON document that code can read. The same object should be given as long as it does not change. */
  document?: DocumentView;
  /** Whose code it is. Code of different principals never runs in the same process at the same time. */
  principal: string;
  /** Tighter limits for this execution. */
  limits?: Partial<Limits>;
  /** Stops the execution and its calls. */
  signal?: AbortSignal;
}

export interface ExecuteRequest extends SearchRequest {
  /** Calls a tool. */
  call: CallTool;
  /** Continues an earlier execution: what it did is not done again. */
  replay?: Replay;
  /** Told of each call that got its answer; for storing what a replay needs. If it throws, the call fails. */
  onCall?: (record: CallRecord) => void;
}

export interface CodeModeHealth extends PoolHealth {
  /** Absent until the first process is ready. */
  isolation?: Isolation;
  engine?: string;
  /** Executions that said something after their answer was due. */
  lateAnswers: number;
}

/** Runs snippets. */
export interface CodeMode {
  /**
   * Runs a snippet. Whatever it does is in the answer.
   *
   * @throws InputError for options that make no sense.
   * @throws ServiceUnavailableError if there is no sandbox to run it in.
   */
  execute(request: ExecuteRequest): Promise<Execution>;

  /** The same without calls, and with at most 5 s wall and 500 ms CPU time: for looking at tools. */
  search(request: SearchRequest): Promise<Execution>;

  /** Starts processes now rather than with the first execution. */
  warm(): void;

  health(): CodeModeHealth;

  /** Ends all processes. Executions that run are lost. */
  close(): Promise<void>;
}

class PooledCodeMode implements CodeMode {
  readonly #limits: Limits;
  readonly #pool: SandboxPool;
  readonly #catalogs = new ToolCatalogs();
  #lastId = 0;
  #lateAnswers = 0;

  constructor(options: CodeModeOptions) {
    this.#limits = readLimits(options.limits);
    const { argumentBytes, outputCharacters, logBytes, memoryBytes } =
      this.#limits;
    this.#pool = new SandboxPool({
      ...readPoolOptions(options.processes),
      allowPlain: options.allowPlain === true,
      isolations: options.isolations,
      onIsolation: options.onIsolation,
      memoryBytes,
      maxFrameBytes:
        HEADER_BYTES +
        Math.max(
          argumentBytes,
          outputCharacters * MAX_CHARACTER_BYTES,
          logBytes * MAX_CHARACTER_BYTES,
        ),
    });
  }

  async execute(request: ExecuteRequest): Promise<Execution> {
    const limits = tightenLimits(this.#limits, request.limits);
    return this.#execute(request, limits);
  }

  async search(request: SearchRequest): Promise<Execution> {
    const limits = {
      ...lowerLimits(
        tightenLimits(this.#limits, request.limits),
        SEARCH_LIMITS,
      ),
      calls: 0,
    };
    const call: CallTool = async () => {
      throw new Error('A search calls no tools');
    };
    return this.#execute({ ...request, call }, limits);
  }

  warm() {
    this.#pool.warm();
  }

  health(): CodeModeHealth {
    const { isolation, engine } = this.#pool.launcher;
    return {
      isolation,
      engine,
      lateAnswers: this.#lateAnswers,
      ...this.#pool.health(),
    };
  }

  async close() {
    this.#pool.close();
  }

  async #execute(request: ExecuteRequest, limits: Limits): Promise<Execution> {
    const startedAt = performance.now();
    check(request);
    const { code, signal, replay, principal } = request;
    const catalog = this.#catalogs.of(request);
    const seed = replay?.recording.seed ?? newSeed();
    const refused = refuse(request, limits, seed, catalog.hash);
    if (refused) {
      return { ...refused, durationMs: 0 };
    }
    const { call, onCall } = request;
    const running = {
      code,
      catalog,
      call,
      limits,
      seed,
      signal,
      replay,
      onCall,
    };
    for (let attempt = 1; ; attempt += 1) {
      const ending = await this.#runOnce(principal, running);
      if (ending !== MUST_START_AGAIN) {
        const durationMs =
          Math.round((performance.now() - startedAt) * 10) / 10;
        return { ...ending, durationMs };
      }
      if (attempt === ATTEMPTS) {
        return {
          ...ended('error', seed, {
            name: 'SandboxLostError',
            message: `The sandbox was lost ${ATTEMPTS} times; no calls were made`,
          }),
          durationMs: Math.round(performance.now() - startedAt),
        };
      }
    }
  }

  async #runOnce(principal: string, request: ExecutionRequest) {
    const { signal, seed } = request;
    let child;
    try {
      child = await this.#pool.acquire(principal, signal);
    } catch (error) {
      if (signal?.aborted) {
        return ended('cancelled', seed, CANCELLED);
      }
      throw error;
    }
    this.#lastId += 1;
    const execution = new RunningExecution(this.#lastId, child, request, {
      onFree: (cpuMs, isUnsound) => this.#pool.release(child, cpuMs, isUnsound),
      onLateAnswer: () => {
        this.#lateAnswers += 1;
      },
    });
    return execution.run();
  }
}

function check({ code, principal, tools, call }: ExecuteRequest) {
  if (typeof code !== 'string' || code.trim() === '') {
    throw new InputError('code must be a text that is not empty');
  }
  if (typeof principal !== 'string' || principal === '') {
    throw new InputError('principal must say whose code it is');
  }
  if (!Array.isArray(tools) || typeof call !== 'function') {
    throw new InputError('tools must be an array and call a function');
  }
}

/** What is over before it begins. */
function refuse(
  { code, signal, replay }: ExecuteRequest,
  limits: Limits,
  seed: number[],
  catalogHash: string,
) {
  if (signal?.aborted) {
    return ended('cancelled', seed, CANCELLED);
  }
  const bytes = Buffer.byteLength(code);
  if (bytes > limits.codeBytes) {
    return ended('limit', seed, {
      name: 'LimitError',
      message: `The code has ${bytes} bytes of at most ${limits.codeBytes}`,
      limit: 'codeBytes',
    });
  }
  const recorded = replay?.recording.catalog;
  if (recorded && recorded !== catalogHash) {
    return ended('error', seed, {
      name: 'ReplayDivergenceError',
      message:
        'The recorded execution looked at the tools, which have changed since',
    });
  }
  return undefined;
}

function ended(
  outcome: Execution['outcome'],
  seed: number[],
  error: Execution['error'],
) {
  return {
    outcome,
    error,
    logs: [],
    calls: [],
    recording: { seed, dates: [], turns: [] },
    cpuMs: 0,
  };
}

function newSeed(): number[] {
  const bytes = randomBytes(16);
  return [0, 4, 8, 12].map(offset => bytes.readInt32LE(offset));
}

/**
 * Creates a pool of sandbox processes.
 *
 * @throws InputError for options that make no sense.
 */
export function createCodeMode(options: CodeModeOptions = {}): CodeMode {
  return new PooledCodeMode(options);
}
