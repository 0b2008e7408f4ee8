import type { LoggerService } from '@backstage/backend-plugin-api';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import { ProtocolError } from '@modelcontextprotocol/client';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { CodeMode, Execution } from '@prompt-corner/code-mode';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';
import type { AuditTrail } from '../audit';
import { CallRefusal, PortalCall, PortalCalls } from '../calls';
import type { PortalGuards } from '../guards';
import type { PortalViews } from '../views';
import { EXECUTE, SEARCH } from './codeModeTools';
import type { CodeAnswer, CodeRequest } from './CodeRequest';
import { ExecutionLog, ExecutionPart, firstPart } from './ExecutionLog';
import type { ExecutionStore, PausedExecution } from './ExecutionStore';
import {
  endedText,
  EXECUTION_META_KEY,
  failedText,
  pausedText,
  resumedIn,
} from './executionText';
import { RunSnippet, runSnippet, withEarlier } from './runSnippet';
import { SandboxTools, sandboxTools } from './sandboxTools';

const BUSY =
  'This execution goes on in another request already. Wait for its answer';

const NOT_WAITING =
  'No execution of yours with this id waits. It may have been resumed already, or have waited for too long';

/** Of one user: each can have megabytes. */
const MAX_PAUSED = 20;

const FAILED =
  'The portal cannot say what came of this call: it may have had its effect. Look before you make it again';

const NOT_PAUSED =
  'A call waits for a person to approve it, and the execution could not be stored to go on later';

/** What {@link PortalCodeMode} is made with. */
export interface PortalCodeModeOptions {
  codeMode: CodeMode;
  views: PortalViews;
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
 * Code Mode in portals: two tools in place of all others. Code sees what its
 * caller would see in the list, and each of its calls goes the way of every call.
 */
export class PortalCodeMode {
  readonly #options: PortalCodeModeOptions;
  readonly #log: ExecutionLog;

  constructor(options: PortalCodeModeOptions) {
    this.#options = options;
    this.#log = new ExecutionLog(options);
  }

  /** The tools, the same for everybody. Who lists them will use them: sandboxes are started. */
  list(): Tool[] {
    this.#options.codeMode.warm();
    return [SEARCH, EXECUTE];
  }

  has(name: string): boolean {
    return name === SEARCH.name || name === EXECUTE.name;
  }

  /**
   * @param name - of one of the two
   * @throws ServiceUnavailableError when there is no sandbox, or nobody knows what the caller may see
   */
  async call(
    request: CodeRequest,
    name: string,
    { code }: Record<string, unknown>,
  ): Promise<CodeAnswer> {
    if (typeof code !== 'string' || !code.trim()) {
      return {
        result: failedText('Give "code", an async arrow function as text'),
      };
    }
    return this.#options.tracing.startActiveSpan(
      name,
      { attributes: { 'mcp_portal.portal': request.portal.name } },
      () =>
        name === SEARCH.name
          ? this.#search(request, code)
          : this.#execute(request, code),
    );
  }

  async #search(request: CodeRequest, code: string): Promise<CodeAnswer> {
    const part = firstPart('search', code);
    const { definitions } = await this.#toolsOf(request);
    const execution = await this.#options.codeMode.search({
      code,
      tools: definitions,
      principal: request.caller.uuid,
      signal: request.signal,
    });
    return this.#ended(request, part, execution);
  }

  async #execute(request: CodeRequest, code: string): Promise<CodeAnswer> {
    const { store, audit } = this.#options;
    // Nothing runs that could not be recorded.
    audit.assertAvailable();
    const resumed = resumedIn(code);
    const claim = await store.claim(
      { caller: request.caller.uuid, portal: request.portal.name },
      resumed === undefined ? { code } : { id: resumed },
    );
    switch (claim.kind) {
      case 'claimed':
        return this.#resume(request, claim.id, claim.paused);
      case 'busy':
        return { result: failedText(BUSY), executionId: claim.id };
      default:
    }
    if (resumed !== undefined) {
      return { result: failedText(NOT_WAITING) };
    }
    const part = firstPart('execute', code);
    return this.#answer(request, part, await this.#run(request, part));
  }

  async #resume(
    request: CodeRequest,
    id: string,
    { code, ...replay }: PausedExecution,
  ): Promise<CodeAnswer> {
    const part = { ...firstPart('execute', code), id, replay };
    let run: RunSnippet;
    try {
      run = await this.#run(request, part);
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
    return this.#answer(request, part, run);
  }

  /**
   * @throws CallRefusal when a call before a pause would not be permitted now
   * @throws ServiceUnavailableError when it could not begin
   */
  async #run(request: CodeRequest, part: ExecutionPart): Promise<RunSnippet> {
    const { calls, codeMode, holdMs, store } = this.#options;
    const tools = await this.#toolsOf(request);
    const callOf = innerCalls(request, part.id, tools);
    for (const { tool, arguments: json } of part.replay?.calls ?? []) {
      await calls.assertPermitted(callOf(tool, JSON.parse(json)));
    }
    return runSnippet(codeMode, {
      code: part.code,
      tools: tools.definitions,
      principal: request.caller.uuid,
      replay: part.replay,
      signal: request.signal,
      gone: request.gone,
      waitMs: holdMs,
      mayBePaused: () =>
        store.countPaused(request.caller.uuid).then(
          count => count < MAX_PAUSED,
          // What cannot be counted could not be stored.
          () => false,
        ),
      makeCall: (tool, args, options) =>
        calls
          .call({ ...callOf(tool, args), ...options })
          .catch(error => this.#failed(error, options.signal)),
    });
  }

  /** Code is told what a server or the portal says to a call, and nothing of how the portal works. */
  #failed(error: unknown, signal: AbortSignal): never {
    if (error instanceof ProtocolError || signal.aborted) {
      throw error;
    }
    this.#options.logger.warn(`A call of code has failed: ${error}`);
    throw new Error(FAILED);
  }

  async #answer(
    request: CodeRequest,
    part: ExecutionPart,
    run: RunSnippet,
  ): Promise<CodeAnswer> {
    const { execution, waiting } = run;
    if (!waiting.length) {
      return this.#ended(request, part, execution);
    }
    const made = execution.calls.filter(
      ({ outcome }) => outcome !== 'abandoned',
    );
    const result = pausedText(part.id, waiting, made);
    try {
      await this.#log.paused(request, part, run, result);
    } catch (error) {
      // The model has to hear what was done, or it would do it again.
      this.#options.logger.warn(
        `Could not pause the Code Mode execution ${part.id}: ${error}`,
      );
      return { result: failedText(NOT_PAUSED, made), executionId: part.id };
    }
    return {
      result: withId(result, part.id),
      executionId: part.id,
      outcome: 'held',
    };
  }

  async #ended(
    request: CodeRequest,
    part: ExecutionPart,
    execution: Execution,
  ): Promise<CodeAnswer> {
    const { result, findings, heldBack } = await this.#inspected(
      request,
      execution,
    );
    await this.#log.ended(request, part, execution, result, heldBack);
    return {
      result: withId(result, part.id),
      findings,
      executionId: part.id,
      ...(execution.outcome === 'cancelled' && { outcome: 'cancelled' }),
    };
  }

  /** Code can put together what no single answer of a server had in it. */
  async #inspected({ portal }: CodeRequest, execution: Execution) {
    const inspected = await this.#options.guards.inspectResult(
      endedText(execution),
      { portal: portal.name, server: '', target: EXECUTE.name },
    );
    const findings: AuditFinding[] = inspected.findings;
    if (!inspected.blocked) {
      return { result: inspected.value as CallToolResult, findings };
    }
    const heldBack = `The result was held back: ${inspected.summary}`;
    const result = failedText(heldBack, execution.calls);
    return { result, findings, heldBack };
  }

  async #toolsOf({ caller, portal }: CodeRequest): Promise<SandboxTools> {
    return sandboxTools(await this.#options.views.of(caller, portal));
  }
}

/** Makes the calls of an execution. Nobody answers what a server would ask meanwhile. */
function innerCalls(
  request: CodeRequest,
  executionId: string,
  { tools }: SandboxTools,
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
    target: tools.get(tool)?.exposed ?? tool,
    arguments: args,
    executionId,
    traceId,
    signal,
    gone,
    // Calls count each for itself, and what the client hears has to rise.
    onProgress: ({ message }) => tell(message ? `${tool}: ${message}` : tool),
  });
}

function withId(result: CallToolResult, id: string): CallToolResult {
  return { ...result, _meta: { [EXECUTION_META_KEY]: id } };
}
