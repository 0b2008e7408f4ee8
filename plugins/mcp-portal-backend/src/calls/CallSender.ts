import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { UpstreamRequest, Upstreams } from '../upstreams';
import type { ViewedDefinition } from '../views';
import { approvalChanged } from './approvalChanged';
import type { CallAdmission } from './CallAdmission';
import type { CallInspection, OutgoingContent } from './CallInspection';
import type { CallRecord } from './CallRecord';
import type { PortalCall } from './PortalCall';
import { upstreamParams } from './upstreamParams';
import { upstreamRefusal } from './upstreamRefusal';

/** A call that may be made. */
export interface AdmittedCall {
  call: PortalCall;
  target: ViewedDefinition;
  /** As it may leave the portal. */
  content: OutgoingContent;
  record: CallRecord;
}

/** What hears a server while it works on a call. */
type Listeners = Pick<
  UpstreamRequest,
  'onProgress' | 'onNotification' | 'onRequest'
>;

/** Sends calls to servers, and brings what a server says and asks meanwhile to the client. */
export class CallSender {
  readonly #admission: CallAdmission;
  readonly #inspection: CallInspection;
  readonly #upstreams: Upstreams;
  readonly #timeoutMs: number;

  /** @param options.timeoutMs - without a sign of life from the server */
  constructor(options: {
    admission: CallAdmission;
    inspection: CallInspection;
    upstreams: Upstreams;
    timeoutMs: number;
  }) {
    this.#admission = options.admission;
    this.#inspection = options.inspection;
    this.#upstreams = options.upstreams;
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * @throws CallRefusal when there is no credential, the server does not answer with sense, or the
   *   call may not go on after a question
   * @throws ProtocolError what the server answered, as it may reach the caller
   */
  async send(admitted: AdmittedCall): Promise<Result> {
    const { call, target, record } = admitted;
    const listeners = this.#inspection.guardedListeners(call, target, record);
    try {
      // Where nobody can be asked, the call needs no signal of its own.
      return await (listeners.onRequest
        ? this.#sendWithQuestions(admitted, listeners, listeners.onRequest)
        : this.#request(admitted, listeners, call.signal));
    } catch (error) {
      throw error instanceof ProtocolError
        ? await this.#inspection.inspectError(call, target, error, record)
        : upstreamRefusal(error);
    }
  }

  /**
   * A person may take long to answer: whether the call may still go on is asked
   * again then, also when the answer is an error.
   */
  async #sendWithQuestions(
    admitted: AdmittedCall,
    listeners: Listeners,
    ask: NonNullable<Listeners['onRequest']>,
  ): Promise<Result> {
    const stop = new AbortController();
    const askAndCheck: typeof ask = async question => {
      try {
        return await ask(question);
      } finally {
        await this.#assertMayGoOn(admitted).catch(error => {
          stop.abort(error);
          throw new ProtocolError(
            ProtocolErrorCode.InvalidRequest,
            'The call has ended',
          );
        });
      }
    };
    const result = await this.#request(
      admitted,
      { ...listeners, onRequest: askAndCheck },
      AbortSignal.any([admitted.call.signal, stop.signal]),
    );
    // The answer may have been on its way.
    stop.signal.throwIfAborted();
    return result;
  }

  async #request(
    { call, target, content, record }: AdmittedCall,
    listeners: Listeners,
    signal: AbortSignal,
  ): Promise<Result> {
    const started = performance.now();
    try {
      return await this.#upstreams.request({
        server: target.server,
        caller: call.caller,
        client: call.client,
        method: call.action,
        params: upstreamParams(call, target, content),
        toolDefinition:
          call.action === 'tools/call' ? target.definition : undefined,
        repeatable: call.action !== 'tools/call' || target.toolClass === 'read',
        signal,
        timeoutMs: this.#timeoutMs,
        ...listeners,
      });
    } finally {
      record.asked(performance.now() - started);
    }
  }

  /** @throws CallRefusal when what has changed since the call began does not permit it any more */
  async #assertMayGoOn({ call, target, record }: AdmittedCall): Promise<void> {
    const { decision } = await this.#admission.admit(call, record, target.pin);
    if (decision.effect === 'hold' && record.approvalId === undefined) {
      throw approvalChanged();
    }
  }
}
