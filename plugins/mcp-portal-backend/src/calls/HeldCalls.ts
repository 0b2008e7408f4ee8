import { isError } from '@backstage/errors';
import type { Approval } from '@prompt-corner/plugin-mcp-portal-common';
import type { Approvals } from '../approvals';
import type { PortalGuards } from '../guards';
import type { PolicyAnswer } from '../policy';
import type { ViewedDefinition } from '../views';
import { CallRefusal } from './CallRefusal';
import type { PortalCall } from './PortalCall';

/** How often a client hears that its call still waits, so that it does not give up. */
const REMIND_MS = 5_000;

/** Thrown to who waits when this replica stops. */
const STOPPING = 'ServiceUnavailableError';

/** A call that a policy lets through only when a person has approved it. */
export interface HeldCall {
  call: PortalCall;
  target: ViewedDefinition;
  decision: PolicyAnswer;
  /** Of the arguments: what is approved is bound to it. */
  digest: string;
  /**
   * Called after the wait, before the approval is used up.
   *
   * @throws CallRefusal when the call must not go on, or would lead nowhere
   */
  assertReady: () => Promise<void>;
}

/**
 * Lets calls wait for a person. A client that waits long enough gets the
 * result; any other is told to make the same call again, which goes through
 * once it is approved.
 */
export class HeldCalls {
  readonly #approvals: Approvals;
  readonly #guards: PortalGuards;
  readonly #waitMs: number;
  readonly #pageUrl: string;

  /**
   * @param options.waitMs - for how long a request is kept open
   * @param options.pageUrl - where people decide
   */
  constructor(options: {
    approvals: Approvals;
    guards: PortalGuards;
    waitMs: number;
    pageUrl: string;
  }) {
    this.#approvals = options.approvals;
    this.#guards = options.guards;
    this.#waitMs = options.waitMs;
    this.#pageUrl = options.pageUrl;
  }

  /**
   * Waits until the call is approved, and uses the approval up.
   *
   * @returns the id of the approval
   * @throws CallRefusal when it was denied, or still waits
   */
  async pass(held: HeldCall): Promise<string> {
    const { call, assertReady } = held;
    if (call.round?.approvalId) {
      return call.round.approvalId;
    }
    const approval = await this.#request(held);
    const { id } = approval;
    const state =
      approval.state === 'pending'
        ? await this.#stateOf(id, call)
        : approval.state;
    // Whoever has gone would make it again, and then it would happen twice.
    if (state === 'approved' && !call.gone?.aborted) {
      await assertReady();
      // Whatever ended meanwhile will not be made: it leaves the approval to be used.
      call.signal.throwIfAborted();
      if (await this.#approvals.consume(id)) {
        return id;
      }
      // The same call was made at the same time, with this approval: it takes another one.
      const another = await this.#request(held);
      throw refusal(another.state, `${this.#pageUrl}/${another.id}`);
    }
    throw refusal(state, `${this.#pageUrl}/${id}`);
  }

  /** @throws CallRefusal when nobody can be asked: too many calls wait, or there is more than an approver can be shown */
  async #request({
    call,
    target,
    decision,
    digest,
  }: HeldCall): Promise<Approval> {
    try {
      return await this.#approvals.request({
        kind: 'call',
        requester: call.caller.uuid,
        portal: call.portal.name,
        server: target.server.name,
        target: target.key,
        pin: target.pin,
        summary: `${target.exposed} (${
          target.toolClass ?? 'unknown'
        }) through ${call.client.info?.name ?? call.caller.client.name}`,
        arguments: this.#guards.forPeople(call.arguments),
        argumentDigest: digest,
        approvers: decision.approvers ?? [],
        policies: decision.policies,
      });
    } catch (error) {
      throw isError(error) && error.name === 'InputError'
        ? new CallRefusal(
            'approval',
            `The call needs an approval, and nobody was asked for it: ${
              error.message
            }. Tell the user; approvals are at ${this.#pageUrl}`,
            { cause: error },
          )
        : error;
    }
  }

  async #stateOf(id: string, call: PortalCall): Promise<string> {
    const started = Date.now();
    const remind = setInterval(() => {
      call.onProgress?.({
        progress: Math.round((Date.now() - started) / 1000),
        message: `Waits for an approval: ${this.#pageUrl}/${id}`,
      });
    }, REMIND_MS);
    const deadline = call.waitNoLonger ?? AbortSignal.timeout(this.#waitMs);
    const waitNoMore = call.onWait?.();
    try {
      const approval = await this.#approvals.wait(id, {
        signal: AbortSignal.any([
          call.signal,
          deadline,
          ...(call.gone ? [call.gone] : []),
        ]),
      });
      return approval.state;
    } catch (error) {
      call.signal.throwIfAborted();
      // When this replica stops, the approval can be used at another one.
      const isStopping = isError(error) && error.name === STOPPING;
      if (deadline.aborted || call.gone?.aborted || isStopping) {
        return 'pending';
      }
      throw error;
    } finally {
      waitNoMore?.();
      clearInterval(remind);
    }
  }
}

/** What ended a call that does not wait any more. */
const ENDS: Record<string, (url: string) => string> = {
  denied: url =>
    `The call was denied by a person. Do not make it again; see ${url} for the reason`,
  cancelled: () => 'The user withdrew the call. Do not make it again',
  expired: () =>
    'Nobody has decided on the call in time. Tell the user; made again, it is asked for once more',
};

function refusal(state: string, url: string): CallRefusal {
  if (ENDS[state]) {
    return new CallRefusal('approval', ENDS[state](url));
  }
  return new CallRefusal(
    'approval',
    `The call waits for a person to approve it, at ${url}. Tell the user; when it is approved, make exactly the same call again`,
    { outcome: 'held', waitsAt: url },
  );
}
