import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import type {
  Approval,
  ApprovalDecision,
  ApprovalState,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import type { AccessGrants } from './AccessGrants';
import type { ApprovalStore } from './ApprovalStore';
import type { ApprovalsConfig } from './config';
import { DecisionWaiters } from './DecisionWaiters';
import { mayDecide, Person } from './mayDecide';
import {
  AccessRequest,
  CallRequest,
  plainText,
  storedRequest,
} from './requests';

/** Tells approvers that a request waits. Must not throw. @returns whether it worked; it is tried again until it does */
export type Notify = (approval: Approval) => Promise<boolean>;

/** Where changes are recorded. */
export interface ApprovalRecords {
  /** To be asked before a change. @throws ServiceUnavailableError when its record would be lost */
  assertAvailable(): void;
  /** After a change, before the answer. @throws ServiceUnavailableError when it could not be recorded */
  record(approval: Approval): Promise<void>;
}

/** How often a request is tried again when another replica ends the same one at the same time. */
const ATTEMPTS = 3;

/** By then, whoever made a request has told its approvers, or never will. */
const UNTOLD_MS = 60_000;

const MAX_REASON_LENGTH = 2_000;

/** The states of a request that somebody approved, or denied. */
const MEANS: Record<ApprovalDecision, ApprovalState[]> = {
  approve: ['approved', 'used'],
  deny: ['denied'],
};

/**
 * Requests that wait for a person. They are decided once, on whichever replica,
 * and never by who asked; an approved call can be made once.
 *
 * Every change is one conditional update of a row, and so happens on one replica
 * only. What is over is told by the clock of the database.
 */
export class Approvals {
  readonly #database: Knex;
  readonly #store: ApprovalStore;
  readonly #grants: AccessGrants;
  readonly #config: ApprovalsConfig;
  readonly #notify: Notify;
  readonly #records: ApprovalRecords;
  readonly #waiters: DecisionWaiters;

  /** @param options.records - the audit trail: gets each request that is made, decided or cancelled */
  constructor(options: {
    database: Knex;
    store: ApprovalStore;
    grants: AccessGrants;
    config: ApprovalsConfig;
    notify: Notify;
    records: ApprovalRecords;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#store = options.store;
    this.#grants = options.grants;
    this.#config = options.config;
    this.#notify = options.notify;
    this.#records = options.records;
    this.#waiters = new DecisionWaiters(options);
  }

  /**
   * Asks for approval. Who asks the same again gets the same request, as long as
   * it is pending; a call also when it is approved and not made yet (then it can be
   * {@link Approvals.consume | consumed}), or was denied and would not have expired.
   *
   * @throws InputError when it cannot be shown to an approver, or too many wait already
   * @throws ServiceUnavailableError when it cannot be recorded
   */
  async request(input: CallRequest | AccessRequest): Promise<Approval> {
    const request = storedRequest(input);
    const { openKey, requester } = request;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.#store.expire(openKey);
      const open = await this.#store.findOpen(openKey);
      if (open && open.state !== 'expired') {
        return open;
      }
      await this.#checkPending(requester);
      this.#records.assertAvailable();
      const id = randomUUID();
      const lifetimeMs = this.#config.pendingMs[input.kind];
      if (await this.#store.insert({ ...request, id, lifetimeMs })) {
        const approval = await this.get(id);
        await this.#records.record(approval);
        await this.#tell(approval);
        return approval;
      }
    }
    throw new ConflictError(
      'The same request ended just now, several times. Try again',
    );
  }

  /** @throws NotFoundError when there is none */
  async get(id: string): Promise<Approval> {
    const approval = await this.#store.get(id);
    if (!approval) {
      throw new NotFoundError(`There is no approval ${id}`);
    }
    return approval;
  }

  /**
   * Approves or denies a request. Saying the same again changes nothing.
   *
   * @throws NotFoundError when there is none that the person may see
   * @throws NotAllowedError when the person is not one who may decide
   * @throws ConflictError when it was decided otherwise, expired or was withdrawn
   * @throws ServiceUnavailableError when it cannot be recorded
   */
  async decide(
    id: string,
    options: { decision: ApprovalDecision; reason?: string; by: Person },
  ): Promise<Approval> {
    const { decision, by } = options;
    const reason = checkedReason(options.reason);
    const approval = await this.get(id);
    if (approval.requester === by.uuid) {
      throw new NotAllowedError(
        'Nobody decides a request of their own. Ask one of the approvers',
      );
    }
    if (!mayDecide(approval, by)) {
      throw new NotAllowedError(
        'Only the approvers that the policy names can decide this request, and those with the permission to decide all',
      );
    }
    this.#records.assertAvailable();
    const moved =
      decision === 'approve'
        ? await this.#approve(approval, by.uuid, reason)
        : await this.#store.move(approval, 'denied', {
            decidedBy: by.uuid,
            reason,
          });
    const decided = await this.get(id);
    this.#waiters.wake(decided);
    if (moved) {
      await this.#records.record(decided);
      return decided;
    }
    if (!MEANS[decision].includes(decided.state) || !decided.decidedBy) {
      throw new ConflictError(`This request is ${decided.state} already`);
    }
    return decided;
  }

  /**
   * Withdraws a request that is pending, or a call that was not made yet.
   * Doing so again changes nothing.
   *
   * @param by - UUID of who asked
   * @throws NotFoundError when that is not who asked
   * @throws ConflictError when it has ended otherwise
   * @throws ServiceUnavailableError when it cannot be recorded
   */
  async cancel(id: string, by: string): Promise<Approval> {
    const approval = await this.get(id);
    if (approval.requester !== by) {
      throw new NotFoundError(`There is no approval ${id}`);
    }
    this.#records.assertAvailable();
    const moved = await this.#store.move(approval, 'cancelled');
    const cancelled = await this.get(id);
    this.#waiters.wake(cancelled);
    if (moved) {
      await this.#records.record(cancelled);
    } else if (cancelled.state !== 'cancelled') {
      throw new ConflictError(`This request is ${cancelled.state} already`);
    }
    return cancelled;
  }

  /**
   * Waits until a request is no longer pending: decided on any replica, expired or withdrawn.
   *
   * @throws NotFoundError when there is none
   * @throws the reason of the signal when it is aborted
   * @throws ServiceUnavailableError when this process stops
   */
  async wait(id: string, options?: { signal?: AbortSignal }) {
    return this.#waiters.wait(id, options?.signal);
  }

  /**
   * Uses up an approved call. Of several at the same time, one gets true; the call
   * may then be made, once.
   *
   * @param id - as {@link Approvals.request} gave it for the call that is about to be made: that binds
   *   an approval to who calls, the tool and the arguments
   * @returns false when it is not approved, or not any more
   */
  async consume(id: string): Promise<boolean> {
    return this.#store.move({ id, kind: 'call' }, 'used');
  }

  /** Marks requests whose time is over, and deletes what ended long ago. @returns how many expired */
  async expire(): Promise<number> {
    const expired = await this.#store.expire();
    await this.#grants.deleteEnded();
    await this.#store.deleteOld(this.#config.keepMs);
    return expired;
  }

  /**
   * Tells approvers of the requests that still wait and of which they were not told when they
   * were made: because notifications did not work, the request could not be recorded, or the
   * process ended.
   */
  async notifyUntold(): Promise<void> {
    for (const approval of await this.#store.untold(UNTOLD_MS)) {
      await this.#tell(approval);
    }
  }

  /** Refuses those who wait here, because the process ends. The requests stay. */
  stop(): void {
    this.#waiters.stop();
  }

  async #tell(approval: Approval): Promise<void> {
    if (await this.#notify(approval)) {
      await this.#store.markNotified(approval.id);
    }
  }

  async #approve(
    approval: Approval,
    decidedBy: string,
    reason: string | undefined,
  ): Promise<boolean> {
    const { access } = approval;
    if (!access) {
      const lifetimeMs = this.#config.approvedCallMs;
      const changes = { decidedBy, reason, lifetimeMs };
      return this.#store.move(approval, 'approved', changes);
    }
    const moved = await this.#database.transaction(async trx => {
      const changes = { decidedBy, reason };
      if (!(await this.#store.move(approval, 'approved', changes, trx))) {
        return false;
      }
      await this.#grants.insert(
        { ...approval, access, grantedBy: decidedBy },
        trx,
      );
      return true;
    });
    this.#grants.forget(approval.requester);
    return moved;
  }

  async #checkPending(requester: string) {
    const pending = await this.#store.countPending(requester);
    if (pending >= this.#config.maxPending) {
      throw new InputError(
        `${pending} requests of yours wait already. Cancel some of them on the page "Approvals", or wait until they are decided`,
      );
    }
  }
}

function checkedReason(reason: string | undefined): string | undefined {
  const text = plainText(reason ?? '');
  if (text.length > MAX_REASON_LENGTH) {
    throw new InputError(
      `The reason is longer than ${MAX_REASON_LENGTH} characters`,
    );
  }
  return text || undefined;
}
