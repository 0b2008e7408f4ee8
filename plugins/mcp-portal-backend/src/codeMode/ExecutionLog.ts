import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Execution, Replay } from '@prompt-corner/code-mode';
import type { CodeExecution } from '@prompt-corner/plugin-mcp-portal-common';
import type { PortalGuards } from '../guards';
import type { CodeRequest } from './CodeRequest';
import type { ExecutionProgress } from './ExecutionRow';
import type { ExecutionStore, PausedExecution } from './ExecutionStore';
import { RunSnippet, withEarlier } from './runSnippet';

/** A part of an execution: its beginning, or what comes after a pause. */
export interface ExecutionPart {
  id: string;
  kind: CodeExecution['kind'];
  code: string;
  startedAt: Date;
  /** Of its {@link CodeScope}. */
  place: string;
  /** Of the parts before. */
  replay?: Replay;
}

/** The beginning of an execution. */
export function firstPart(
  kind: CodeExecution['kind'],
  code: string,
  place: string,
): ExecutionPart {
  return { id: randomUUID(), kind, code, place, startedAt: new Date() };
}

/** Keeps what executions did, for people to see, without secrets. */
export class ExecutionLog {
  readonly #store: ExecutionStore;
  readonly #guards: PortalGuards;
  readonly #logger: LoggerService;

  constructor(options: {
    store: ExecutionStore;
    guards: PortalGuards;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#guards = options.guards;
    this.#logger = options.logger;
  }

  /**
   * Keeps an execution that is over. What its calls did is in the audit trail,
   * whether this succeeds or not, so that its answer does not depend on it.
   *
   * @param heldBack - why its result was not told to the model
   */
  async ended(
    request: CodeRequest,
    part: ExecutionPart,
    execution: Execution,
    result: CallToolResult,
    heldBack?: string,
  ): Promise<void> {
    if (execution.error?.limit === 'codeBytes') {
      // Megabytes that did not run.
      return;
    }
    const progress = progressOf(execution, result);
    try {
      await this.#keep(
        request,
        part,
        heldBack === undefined
          ? progress
          : {
              ...progress,
              state: 'error',
              error: { name: 'HeldBackError', message: heldBack },
            },
      );
    } catch (error) {
      this.#logger.warn(
        `Could not store the Code Mode execution ${part.id}: ${
          isError(error) ? error.message : error
        }`,
      );
    }
  }

  /**
   * Keeps an execution that waits, and all it needs to go on.
   *
   * @throws ServiceUnavailableError when it could not go on, as it is not stored
   */
  async paused(
    request: CodeRequest,
    part: ExecutionPart,
    { execution, waiting, replay }: RunSnippet,
    origins: PausedExecution['origins'],
    result: CallToolResult,
  ): Promise<void> {
    const progress: ExecutionProgress = {
      ...progressOf(execution, result),
      state: 'paused',
      error: undefined,
      waitsAt: waiting.map(({ url }) => url),
    };
    await this.#keep(request, part, progress, {
      code: part.code,
      ...replay,
      origins,
    });
  }

  /** Keeps that an execution does not go on. */
  async abandoned(
    request: CodeRequest,
    part: ExecutionPart,
    message: string,
  ): Promise<void> {
    await this.#keep(request, part, {
      state: 'error',
      calls: withEarlier([], part.replay),
      logs: [],
      error: { name: 'Error', message },
      cpuMs: 0,
      durationMs: 0,
    });
  }

  async #keep(
    { caller, client }: CodeRequest,
    part: ExecutionPart,
    progress: ExecutionProgress,
    paused?: PausedExecution,
  ): Promise<void> {
    const owner = { caller: caller.uuid, portal: part.place };
    const shown = {
      ...progress,
      logs: this.#shown(progress.logs),
      error: progress.error && this.#shown(progress.error),
    };
    if (part.replay) {
      await this.#store.update(part.id, owner, shown, paused);
      return;
    }
    await this.#store.insert(
      {
        ...shown,
        ...owner,
        id: part.id,
        kind: part.kind,
        clientName: client.info?.name ?? caller.client.name,
        code: this.#shown(part.code),
        startedAt: part.startedAt.toISOString(),
      },
      paused,
    );
  }

  #shown<T>(value: T): T {
    return this.#guards.forPeople(value) as T;
  }
}

function progressOf(
  execution: Execution,
  result: CallToolResult,
): ExecutionProgress {
  const { outcome, calls, logs, error, cut, cpuMs, durationMs } = execution;
  return {
    state: outcome,
    calls,
    logs,
    error,
    resultBytes: Buffer.byteLength(JSON.stringify(result.content)),
    cutCharacters: cut,
    cpuMs,
    durationMs,
  };
}
