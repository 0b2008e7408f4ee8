import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  TracingService,
  TracingServiceSpan,
} from '@backstage/backend-plugin-api/alpha';
import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { RateLimit } from '@prompt-corner/mcp-endpoint';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { AuditTrail, RefusalThrottle } from '../audit';
import type { PortalGuards } from '../guards';
import type { PolicyAnswer, PolicyEngine } from '../policy';
import type { Upstreams } from '../upstreams';
import type { GrantsOf, PortalViews, ViewedDefinition } from '../views';
import { approvalChanged } from './approvalChanged';
import { askToConnect } from './askToConnect';
import { Admitted, CallAdmission } from './CallAdmission';
import { CallInspection } from './CallInspection';
import { CallRecord, digestOf } from './CallRecord';
import { CallRefusal } from './CallRefusal';
import { CallSender } from './CallSender';
import { exposeUris } from './exposeUris';
import type { HeldCalls } from './HeldCalls';
import type { PortalCall } from './PortalCall';
import { upstreamRefusal } from './upstreamRefusal';
import { withoutConnection } from './withoutConnection';

/** What came of a call. */
export interface CallAnswer {
  /** Of the server, or an error for the model. */
  result: Result;
  /** The approval that was used up for it. */
  approvalId?: string;
  /** Of the definition that was called. */
  pin?: string;
  /** Of the request to connect the server, when the result asks the user to do so. */
  connectRequestId?: string;
  /** Where a person decides on the call, when it waits for that still. */
  waitsAt?: string;
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
  readonly #admission: CallAdmission;
  readonly #inspection: CallInspection;
  readonly #sender: CallSender;
  readonly #throttle = new RefusalThrottle();

  constructor(options: PortalCallsOptions) {
    this.#options = options;
    this.#admission = new CallAdmission(options);
    this.#inspection = new CallInspection(options);
    this.#sender = new CallSender({
      ...options,
      admission: this.#admission,
      inspection: this.#inspection,
    });
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

  /**
   * For a call that was made before, and of which the answer is used again.
   *
   * @throws CallRefusal when it could not be made now
   */
  async assertPermitted(call: PortalCall): Promise<void> {
    const record = new CallRecord(call, digestOf(call.arguments));
    await this.#admission.admit(call, record);
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
      await this.#recordFailed(call, failed);
      return {
        ...this.#refuse(call, error),
        approvalId: record.approvalId,
        pin: record.pin,
      };
    }
    span.setAttribute('mcp_portal.server', record.server);
    await this.#options.audit.append(record.answered(answer));
    return {
      result: answer,
      approvalId: record.approvalId,
      pin: record.pin,
    };
  }

  /** Calls that come too often cost a record a minute, and not one each. */
  async #recordFailed(
    { caller, portal }: PortalCall,
    failed: AuditRecord,
  ): Promise<void> {
    const append = () => this.#options.audit.append(failed);
    await (failed.stage === 'rate-limit'
      ? this.#throttle.once(
          { stage: failed.stage, portal: portal.name, caller },
          append,
        )
      : append());
  }

  async #travel(
    call: PortalCall,
    digest: string,
    record: CallRecord,
  ): Promise<Result> {
    // First, as what is refused costs work and a record, too.
    await this.#limit(call);
    const admitted = await this.#admission.admit(call, record, call.round?.pin);
    this.#inspection.checkArguments(call, admitted.target);
    const content = await this.#inspection.inspectOutgoing(
      call,
      admitted.target,
      record,
    );
    // Nothing is used up, and nothing happens at a server, that could not be recorded.
    this.#options.audit.assertAvailable();
    const target = await this.#hold(call, admitted, digest, record);
    const result = await this.#sender.send({ call, target, content, record });
    const inspected = await this.#inspection.inspectResult(
      call,
      target,
      result,
      record,
    );
    return exposeUris(withoutConnection(inspected), uri =>
      call.portal.naming.resourceUri(target.server.name, uri),
    );
  }

  /** @returns what the call is about, as it is when the call goes on */
  async #hold(
    call: PortalCall,
    { target, decision }: Admitted,
    digest: string,
    record: CallRecord,
  ): Promise<ViewedDefinition> {
    if (decision.effect !== 'hold') {
      return target;
    }
    let current = target;
    // Nobody is asked about a call, and no approval used up, that would lead nowhere.
    await this.#assertSignedIn(call, target);
    const approvalId = await this.#options.held.pass({
      call,
      target,
      decision,
      digest,
      assertReady: async () => {
        const again = await this.#admission.admit(call, record, target.pin);
        if (again.decision.effect === 'hold') {
          assertSameApprovers(decision, again.decision);
        }
        current = again.target;
        await this.#assertSignedIn(call, current);
      },
    });
    record.approved(approvalId);
    return current;
  }

  async #assertSignedIn(
    { caller }: PortalCall,
    { server }: ViewedDefinition,
  ): Promise<void> {
    try {
      await this.#options.upstreams.assertSignedIn(server, caller);
    } catch (error) {
      throw upstreamRefusal(error);
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

  /** @returns what is told to the model, or asked of the user */
  #refuse(call: PortalCall, error: unknown): CallAnswer {
    call.signal.throwIfAborted();
    if (!(error instanceof CallRefusal)) {
      throw error;
    }
    const question = askToConnect(call, error.cause);
    if (question) {
      const { result, requestId } = question;
      return { result, connectRequestId: requestId };
    }
    if (call.action === 'tools/call' && error.stage !== 'view') {
      return {
        result: {
          content: [{ type: 'text', text: error.message }],
          isError: true,
        },
        waitsAt: error.waitsAt,
      };
    }
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
  }
}

/** @throws CallRefusal when who approved could not do so any more */
function assertSameApprovers(before: PolicyAnswer, now: PolicyAnswer): void {
  const refsOf = ({ approvers = [] }: PolicyAnswer) =>
    JSON.stringify([...new Set(approvers)].sort());
  if (refsOf(before) !== refsOf(now)) {
    throw approvalChanged();
  }
}
