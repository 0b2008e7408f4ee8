import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  TracingService,
  TracingServiceSpan,
} from '@backstage/backend-plugin-api/alpha';
import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { RateLimit } from '@prompt-corner/mcp-endpoint';
import type { AuditTrail } from '../audit';
import type { CallContext, PortalGuards } from '../guards';
import type { PolicyEngine, PolicyAnswer } from '../policy';
import type { Upstreams } from '../upstreams';
import { GrantsOf, PortalViews, targetOf, ViewedDefinition } from '../views';
import { ArgumentSchemas } from './ArgumentSchemas';
import { CallRecord, digestOf } from './CallRecord';
import { CallRefusal } from './CallRefusal';
import { exposeUris } from './exposeUris';
import { findTarget } from './findTarget';
import type { HeldCalls } from './HeldCalls';
import type { PortalCall } from './PortalCall';
import { upstreamParams } from './upstreamParams';
import { upstreamRefusal } from './upstreamRefusal';
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
  tracing: TracingService;
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
    // No credentials in the span: they would name the person.
    return this.#options.tracing.startActiveSpan(
      call.action,
      {
        kind: 'server',
        attributes: {
          'mcp.method.name': call.action,
          'mcp_portal.portal': call.portal.name,
        },
      },
      span => this.#recorded(call, span),
    );
  }

  async #recorded(
    call: PortalCall,
    span: TracingServiceSpan,
  ): Promise<CallAnswer> {
    const digest = digestOf(call.arguments);
    const record = new CallRecord(call, digest);
    let answer: Result;
    try {
      answer = await this.#travel(call, digest, record);
    } catch (error) {
      const failed = record.failed(error, call.signal.aborted);
      span.setAttribute('mcp_portal.outcome', failed.outcome);
      span.setStatus({
        code: 'error',
        message: failed.stage ?? failed.outcome,
      });
      await this.#options.audit.append(failed);
      return { result: this.#refuse(call, error, record.server) };
    }
    span.setAttribute('mcp_portal.server', record.server);
    await this.#options.audit.append(record.answered(answer));
    return { result: answer, approvalId: record.approvalId };
  }

  async #travel(
    call: PortalCall,
    digest: string,
    record: CallRecord,
  ): Promise<Result> {
    // First, as what is refused costs work and a record, too.
    await this.#limit(call);
    const view = await this.#options.views.of(call.caller, call.portal);
    const target = findTarget(call, view);
    record.found(target);
    const decision = await this.#decide(call, target, record);
    this.#checkArguments(call, target);
    const args = await this.#inspectArguments(call, target, record);
    // Nothing is used up, and nothing happens at a server, that could not be recorded.
    this.#options.audit.assertAvailable();
    await this.#hold(call, target, decision, digest, record);
    const result = await this.#ask(call, target, args, record);
    const inspected = await this.#inspectResult(call, target, result, record);
    return exposeUris(withoutConnection(inspected), uri =>
      call.portal.naming.resourceUri(target.server.name, uri),
    );
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
      contextOf(call, target),
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
        params: upstreamParams(call, target, args),
        toolDefinition:
          call.action === 'tools/call' ? target.definition : undefined,
        repeatable: call.action !== 'tools/call' || target.toolClass === 'read',
        signal: call.signal,
        timeoutMs: this.#options.timeoutMs,
        onProgress:
          call.onProgress && this.#guarded(call, target, call.onProgress),
        onNotification:
          call.onNotification &&
          this.#guarded(call, target, call.onNotification),
        onRequest: call.onQuestion && this.#guardedQuestion(call, target),
      });
    } catch (error) {
      throw upstreamRefusal(error);
    } finally {
      record.asked(performance.now() - started);
    }
  }

  /** What a server says meanwhile reaches the model as well. What must not is left out. */
  #guarded<T>(
    call: PortalCall,
    target: ViewedDefinition,
    pass: (message: T) => void,
  ): (message: T) => void {
    return message => {
      const { blocked, value } = this.#options.guards.inspectMessage(
        message,
        contextOf(call, target),
      );
      if (!blocked) {
        pass(value);
      }
    };
  }

  /** What a server asks reaches the user, and is looked at as an answer is. */
  #guardedQuestion(call: PortalCall, target: ViewedDefinition) {
    return async (question: {
      method: string;
      params?: Record<string, unknown>;
    }) => {
      const { blocked, value } = this.#options.guards.inspectMessage(
        question,
        contextOf(call, target),
      );
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
    const inspected = await this.#options.guards.inspectResult(
      result,
      contextOf(call, target),
    );
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

/** Which guardrails look at what goes to a target, and comes from it. */
function contextOf(call: PortalCall, target: ViewedDefinition): CallContext {
  return {
    portal: call.portal.name,
    server: target.server.name,
    target: target.key,
  };
}
