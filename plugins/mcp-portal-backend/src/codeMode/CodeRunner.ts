import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import { ProtocolError } from '@modelcontextprotocol/client';
import type { CodeMode } from '@prompt-corner/code-mode';
import type { AuditTrail } from '../audit';
import { CallRefusal, PortalCall, PortalCalls } from '../calls';
import type { PortalGuards } from '../guards';
import type { CodeAnswer, CodeRequest } from './CodeRequest';
import type { CodeScope } from './CodeScope';
import { ExecutionLog, ExecutionPart, firstPart } from './ExecutionLog';
import type { Claim, ExecutionStore, PausedExecution } from './ExecutionStore';
import { ExecutionAnswers } from './ExecutionAnswers';
import { failedText, resumedIn } from './executionText';
import { assertSameTools } from './origins';
import { RunSnippet, runSnippet, withEarlier } from './runSnippet';

/** For executions to be paused, and others to end. */
const DRAIN_MS = 5_000;

const BUSY =
  'This execution goes on in another request already. Wait for its answer';

const NOT_WAITING =
  'No execution of yours with this id waits. It may have been resumed already, or have waited for too long';

/** Of one user: each can have megabytes. */
const MAX_PAUSED = 20;

const FAILED =
  'The portal cannot say what came of this call: it may have had its effect. Look before you make it again';

/** What {@link CodeRunner} is made with. */
export interface CodeRunnerOptions {
  codeMode: CodeMode;
  calls: PortalCalls;
  store: ExecutionStore;
  guards: PortalGuards;
  audit: AuditTrail;
  tracing: TracingService;
  logger: LoggerService;
  /** For which calls of an execution wait for people, before it is paused. */
  holdMs: number;
}

/**
 * Runs code for callers: what it sees is a scope, and each of its calls goes the
 * way of every call. Executions are kept, and go on after they waited for people.
 */
export class CodeRunner {
  readonly #options: CodeRunnerOptions;
  readonly #log: ExecutionLog;
  readonly #answers: ExecutionAnswers;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: CodeRunnerOptions) {
    this.#options = options;
    this.#log = new ExecutionLog(options);
    this.#answers = new ExecutionAnswers({ ...options, log: this.#log });
  }

  /** Starts sandboxes: somebody who was told of the tools will use them. */
  warm(): void {
    this.#options.codeMode.warm();
  }

  /** Waits until no code runs any more, for a moment at most: before the replica stops. */
  async drain(): Promise<void> {
    await Promise.race([
      Promise.allSettled(this.#running),
      sleep(DRAIN_MS, undefined, { ref: false }),
    ]);
  }

  /**
   * Runs code that looks, and calls nothing.
   *
   * @param tool - name of the tool that was called
   * @throws ServiceUnavailableError when there is no sandbox, or nobody knows what the caller may see
   */
  async search(
    request: CodeRequest,
    tool: string,
    args: Record<string, unknown>,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    return this.#traced(request, tool, args, code =>
      this.#search(request, code, scope),
    );
  }

  /**
   * Runs code that calls, or lets an execution go on.
   *
   * @throws ServiceUnavailableError as {@link CodeRunner.search}
   */
  async execute(
    request: CodeRequest,
    tool: string,
    args: Record<string, unknown>,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    return this.#traced(request, tool, args, code =>
      this.#execute(request, code, scope),
    );
  }

  async #traced(
    { portal }: CodeRequest,
    tool: string,
    { code }: Record<string, unknown>,
    run: (code: string) => Promise<CodeAnswer>,
  ): Promise<CodeAnswer> {
    if (typeof code !== 'string' || !code.trim()) {
      return {
        result: failedText('Give "code", an async arrow function as text'),
      };
    }
    return this.#options.tracing.startActiveSpan(
      tool,
      { attributes: { 'mcp_portal.portal': portal.name } },
      () => this.#counted(run(code)),
    );
  }

  async #counted<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #search(
    request: CodeRequest,
    code: string,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    const part = firstPart('search', code, scope.place);
    const execution = await this.#options.codeMode.search({
      code,
      ...sandboxOf(scope),
      principal: request.caller.uuid,
      signal: request.signal,
    });
    return this.#answers.ended(request, part, execution, scope);
  }

  async #execute(
    request: CodeRequest,
    code: string,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    const { store, audit } = this.#options;
    // Nothing runs that could not be recorded.
    audit.assertAvailable();
    const resumed = resumedIn(code);
    const claim: Claim = isKept(request)
      ? await store.claim(
          { caller: request.caller.uuid, portal: scope.place },
          resumed === undefined ? { code } : { id: resumed },
        )
      : { kind: 'none' };
    switch (claim.kind) {
      case 'claimed':
        return this.#resume(request, claim.id, claim.paused, scope);
      case 'busy':
        return { result: failedText(BUSY), executionId: claim.id };
      default:
    }
    if (resumed !== undefined) {
      return { result: failedText(NOT_WAITING) };
    }
    const part = firstPart('execute', code, scope.place);
    const run = await this.#run(request, part, scope);
    return this.#answers.of(request, part, run, scope);
  }

  async #resume(
    request: CodeRequest,
    id: string,
    { code, origins, ...replay }: PausedExecution,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    const part = { ...firstPart('execute', code, scope.place), id, replay };
    let run: RunSnippet;
    try {
      assertSameTools(origins, scope);
      run = await this.#run(request, part, scope);
    } catch (error) {
      if (!(error instanceof CallRefusal)) {
        // It has not begun.
        await this.#options.store.release(id);
        throw error;
      }
      const message = `It cannot go on: a call of it is not permitted any more. ${error.message}`;
      await this.#log.abandoned(request, part, message);
      return {
        result: failedText(message, withEarlier([], replay)),
        executionId: id,
      };
    }
    return this.#answers.of(request, part, run, scope);
  }

  /**
   * @throws CallRefusal when a call before a pause would not be permitted now
   * @throws ServiceUnavailableError when it could not begin
   */
  async #run(
    request: CodeRequest,
    part: ExecutionPart,
    scope: CodeScope,
  ): Promise<RunSnippet> {
    const { calls, codeMode, holdMs } = this.#options;
    const callOf = innerCalls(request, part.id, scope);
    for (const { tool, arguments: json } of part.replay?.calls ?? []) {
      await calls.assertPermitted(callOf(tool, JSON.parse(json)));
    }
    return runSnippet(codeMode, {
      code: part.code,
      scope: sandboxOf(scope),
      principal: request.caller.uuid,
      replay: part.replay,
      signal: request.signal,
      gone: request.gone,
      waitMs: holdMs,
      mayBePaused: () => this.#mayBePaused(request),
      valueOf: scope.valueOf,
      makeCall: async (tool, args, options) =>
        calls
          .call({ ...callOf(tool, args), ...options })
          .catch(error => this.#failed(error, options.signal)),
    });
  }

  async #mayBePaused(request: CodeRequest): Promise<boolean> {
    if (!isKept(request)) {
      return false;
    }
    return this.#options.store.countPaused(request.caller.uuid).then(
      count => count < MAX_PAUSED,
      // What cannot be counted could not be stored.
      () => false,
    );
  }

  /** Code is told what a server or the portal says to a call, and nothing of how the portal works. */
  #failed(error: unknown, signal: AbortSignal): never {
    if (error instanceof ProtocolError || signal.aborted) {
      throw error;
    }
    this.#options.logger.warn(`A call of code has failed: ${error}`);
    throw new Error(FAILED);
  }
}

/** Who has not signed in shares an address with others, and nothing else. */
function isKept({ caller }: CodeRequest): boolean {
  return caller.kind !== 'anonymous';
}

/** Makes the calls of an execution. Nobody answers what a server would ask meanwhile. */
function innerCalls(
  request: CodeRequest,
  executionId: string,
  { targetOf }: CodeScope,
) {
  const { caller, portal, client, traceId, signal, gone } = request;
  let told = 0;
  const tell = (message: string) =>
    request.onProgress?.({ progress: ++told, message });
  return (tool: string, args: Record<string, unknown>): PortalCall => ({
    action: 'tools/call',
    caller,
    portal,
    client: { ...client, capabilities: {} },
    ...targetOf(tool, args),
    executionId,
    traceId,
    signal,
    gone,
    // Calls count each for itself, and what the client hears has to rise.
    onProgress: ({ message }) => tell(message ? `${tool}: ${message}` : tool),
  });
}

/** What of a scope the sandbox gets. */
function sandboxOf({ definitions, namespace, document }: CodeScope) {
  return { tools: definitions, namespace, document };
}
