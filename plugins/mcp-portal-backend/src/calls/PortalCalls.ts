import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { RateLimit } from '@prompt-corner/mcp-endpoint';
import type { AuditTrail } from '../audit';
import type { PortalGuards } from '../guards';
import type { PolicyEngine, PolicyAnswer } from '../policy';
import { UpstreamError, Upstreams } from '../upstreams';
import {
  GrantsOf,
  PortalView,
  PortalViews,
  targetOf,
  ViewedDefinition,
} from '../views';
import { ArgumentSchemas } from './ArgumentSchemas';
import { CallRecord, digestOf } from './CallRecord';
import { CallRefusal } from './CallRefusal';
import { exposeUris } from './exposeUris';
import type { HeldCalls } from './HeldCalls';
import type { CallAction, PortalCall } from './PortalCall';
import { withoutConnection } from './withoutConnection';

const POLICY_ACTION = {
  'tools/call': 'call_tool',
  'prompts/get': 'get_prompt',
  'resources/read': 'read_resource',
} as const;

/** What came of a call. */
export interface CallAnswer {
  /** Of the server, or an error for the model. */
  result: Result;
  /** The approval that was used up for it. */
  approvalId?: string;
}

/** What {@link PortalCalls} is made with. */
export interface PortalCallsOptions {
  views: PortalViews;
  policy: PolicyEngine;
  grantsOf: GrantsOf;
  guards: PortalGuards;
  held: HeldCalls;
  /** Of each portal, by name. */
  rateLimitOf: (portal: string) => RateLimit;
  upstreams: Upstreams;
  audit: AuditTrail;
  logger: LoggerService;
  /** Without a sign of life from the server. */
  timeoutMs: number;
}

/**
 * The way of every call through a portal, whoever makes it. {@link call} names
 * its stages in their order.
 */
export class PortalCalls {
  readonly #options: PortalCallsOptions;
  readonly #schemas = new ArgumentSchemas();

  constructor(options: PortalCallsOptions) {
    this.#options = options;
  }

  /**
   * Makes a call and records it. What does not let a tool call through is told
   * in the result (`isError`), so that a model can act on it; of prompts and
   * resources it is an error of the protocol.
   *
   * @throws ProtocolError when there is no such thing, or what the server answered
   * @throws ServiceUnavailableError when the call cannot be recorded: there is no answer then
   */
  async call(call: PortalCall): Promise<CallAnswer> {
    const digest = digestOf(call.arguments);
    const record = new CallRecord(call, digest);
    let answer: Result;
    try {
      answer = await this.#travel(call, digest, record);
    } catch (error) {
      await this.#options.audit.append(
        record.failed(error, call.signal.aborted),
      );
      return { result: this.#refuse(call, error, record.server) };
    }
    await this.#options.audit.append(record.answered(answer));
    return { result: answer, approvalId: record.approvalId };
  }

  async #travel(
    call: PortalCall,
    digest: string,
    record: CallRecord,
  ): Promise<Result> {
    const view = await this.#options.views.of(call.caller, call.portal);
    const target = this.#find(call, view);
    record.found(target);
    const decision = await this.#decide(call, target, record);
    this.#checkArguments(call, target);
    const args = await this.#inspectArguments(call, target, record);
    // Nothing is used up, and nothing happens at a server, that could not be recorded.
    this.#options.audit.assertAvailable();
    await this.#hold(call, target, decision, digest, record);
    await this.#limit(call);
    const result = await this.#ask(call, target, args, record);
    const inspected = await this.#inspectResult(call, target, result, record);
    return exposeUris(withoutConnection(inspected), uri =>
      call.portal.naming.resourceUri(target.server.name, uri),
    );
  }

  #find(call: PortalCall, view: PortalView): ViewedDefinition {
    const found =
      call.action === 'tools/call'
        ? view.tools.get(call.target)
        : call.action === 'prompts/get'
        ? view.prompts.get(call.target)
        : resourceIn(call, view);
    if (!found) {
      throw new CallRefusal(
        'view',
        `There is no ${NOUN[call.action]} "${call.target}" here`,
      );
    }
    return found;
  }

  async #decide(
    call: PortalCall,
    target: ViewedDefinition,
    record: CallRecord,
  ): Promise<PolicyAnswer> {
    const grants = await this.#options.grantsOf(call.caller.uuid);
    const decision = this.#options.policy.decide({
      caller: call.caller,
      portal: call.portal.name,
      action: POLICY_ACTION[call.action],
      target: targetOf(
        call.portal.name,
        target.server,
        target.key,
        target.toolClass,
        grants,
      ),
      arguments: call.arguments,
    });
    record.decided(decision);
    if (decision.effect === 'deny') {
      throw new CallRefusal('policy', decision.reason);
    }
    return decision;
  }

  #checkArguments(call: PortalCall, target: ViewedDefinition): void {
    if (call.action !== 'tools/call') {
      return;
    }
    const problem = this.#schemas.problemOf(
      `${target.pin} in`,
      target.definition.inputSchema,
      call.arguments,
    );
    if (problem) {
      throw new CallRefusal(
        'arguments',
        `The arguments do not fit the tool: ${problem}`,
      );
    }
  }

  async #inspectArguments(
    call: PortalCall,
    target: ViewedDefinition,
    record: CallRecord,
  ): Promise<Record<string, unknown>> {
    const inspected = await this.#options.guards.inspectArguments(
      call.arguments,
      {
        portal: call.portal.name,
        server: target.server.name,
        target: target.key,
      },
    );
    record.inspected(inspected.findings);
    if (inspected.blocked) {
      throw new CallRefusal(
        'guardrails.arguments',
        `The arguments may not leave the portal: ${inspected.summary}. Leave that out and call again`,
      );
    }
    return inspected.value;
  }

  async #hold(
    call: PortalCall,
    target: ViewedDefinition,
    decision: PolicyAnswer,
    digest: string,
    record: CallRecord,
  ): Promise<void> {
    if (decision.effect === 'hold') {
      record.approved(
        await this.#options.held.pass({ call, target, decision, digest }),
      );
    }
  }

  async #limit({ caller, portal }: PortalCall): Promise<void> {
    const waitSeconds = await this.#options
      .rateLimitOf(portal.name)
      .take(caller.uuid);
    if (waitSeconds !== undefined) {
      throw new CallRefusal(
        'rate-limit',
        `Too many calls. Try again in ${waitSeconds} s`,
      );
    }
  }

  async #ask(
    call: PortalCall,
    target: ViewedDefinition,
    args: Record<string, unknown>,
    record: CallRecord,
  ): Promise<Result> {
    const started = performance.now();
    try {
      return await this.#options.upstreams.request({
        server: target.server,
        caller: call.caller,
        client: call.client,
        method: call.action,
        params: paramsOf(call, target, args),
        toolDefinition:
          call.action === 'tools/call' ? target.definition : undefined,
        repeatable: call.action !== 'tools/call' || target.toolClass === 'read',
        signal: call.signal,
        timeoutMs: this.#options.timeoutMs,
        onProgress: call.onProgress,
        onNotification: call.onNotification,
        onRequest: call.onQuestion && this.#guardedQuestion(call, target),
      });
    } catch (error) {
      throw upstreamRefusal(error);
    } finally {
      record.asked(performance.now() - started);
    }
  }

  /** What a server asks reaches the user, and is looked at as an answer is. */
  #guardedQuestion(call: PortalCall, target: ViewedDefinition) {
    return async (question: {
      method: string;
      params?: Record<string, unknown>;
    }) => {
      const { blocked, value } = this.#options.guards.inspectMessage(question, {
        portal: call.portal.name,
        server: target.server.name,
      });
      if (blocked || !call.onQuestion) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidRequest,
          'The portal does not pass this question on',
        );
      }
      return call.onQuestion(value);
    };
  }

  async #inspectResult(
    call: PortalCall,
    target: ViewedDefinition,
    result: Result,
    record: CallRecord,
  ): Promise<Result> {
    const problem = this.#outputProblem(call, target, result);
    if (problem) {
      throw new CallRefusal(
        'upstream',
        `The server "${target.server.name}" answered with what its own schema does not allow: ${problem}`,
        { outcome: 'upstream_error' },
      );
    }
    const inspected = await this.#options.guards.inspectResult(result, {
      portal: call.portal.name,
      server: target.server.name,
      target: target.key,
    });
    record.inspected(inspected.findings);
    if (inspected.blocked) {
      throw new CallRefusal(
        'guardrails.result',
        `The answer of the server was held back: ${inspected.summary}`,
      );
    }
    return inspected.value;
  }

  #outputProblem(
    call: PortalCall,
    target: ViewedDefinition,
    result: Result,
  ): string | undefined {
    if (
      call.action !== 'tools/call' ||
      result.isError === true ||
      isInputRequiredResult(result) ||
      target.definition.outputSchema === undefined
    ) {
      return undefined;
    }
    return this.#schemas.problemOf(
      `${target.pin} out`,
      target.definition.outputSchema,
      result.structuredContent,
    );
  }

  /** @returns what is told to the model */
  #refuse(call: PortalCall, error: unknown, server: string): Result {
    call.signal.throwIfAborted();
    if (error instanceof ProtocolError) {
      throw this.#options.guards.cleanError(error, {
        portal: call.portal.name,
        server,
      });
    }
    if (!(error instanceof CallRefusal)) {
      throw error;
    }
    if (call.action === 'tools/call' && error.stage !== 'view') {
      return {
        content: [{ type: 'text', text: error.message }],
        isError: true,
      };
    }
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
  }
}

const NOUN: Record<CallAction, string> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': 'resource',
};

/** Resources are content, and not pinned: which ones there are is up to the server. */
function resourceIn(
  call: PortalCall,
  view: PortalView,
): ViewedDefinition | undefined {
  const names = view.servers.map(({ name }) => name);
  const resource = call.portal.naming.resourceOf(call.target, names);
  const server = view.servers.find(({ name }) => name === resource?.server);
  return (
    server &&
    resource && {
      kind: 'resource-template',
      key: resource.uri,
      exposed: call.target,
      pin: '',
      definition: {},
      server,
    }
  );
}

function paramsOf(
  call: PortalCall,
  target: ViewedDefinition,
  args: Record<string, unknown>,
): Record<string, unknown> {
  const { round, meta } = call;
  return {
    ...(call.action === 'resources/read'
      ? { uri: target.key }
      : { name: target.key, arguments: args }),
    ...(meta && { _meta: meta }),
    ...(round?.inputResponses && { inputResponses: round.inputResponses }),
    ...(round?.upstreamState && { requestState: round.upstreamState }),
  };
}

function upstreamRefusal(error: unknown): unknown {
  if (error instanceof UpstreamError) {
    return new CallRefusal('upstream', error.message, {
      outcome: 'upstream_error',
      cause: error,
    });
  }
  if (isError(error) && error.name === 'AuthorizationNeededError') {
    return new CallRefusal('credential', error.message, { cause: error });
  }
  return error;
}
