import type {
  Approval,
  ApprovalKind,
  ApprovalState,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { ApprovalRow, stateOf, toApproval } from './ApprovalRow';
import type { DatabaseClock } from './DatabaseClock';
import { isOpen, statesBefore } from './states';

/** A request that has not been asked before. */
export type NewApproval = Omit<
  Approval,
  'state' | 'createdAt' | 'expiresAt' | 'decidedBy' | 'decidedAt' | 'reason'
> & {
  /** Asking the same again has the same key. */
  openKey: string;
  /** How long it can be decided. */
  lifetimeMs: number;
};

/** Which requests to find; all given conditions must hold. */
export interface ApprovalConditions {
  state?: ApprovalState;
  /** UUID of who asked. */
  requester?: string;
  /** UUID of somebody who did not ask. */
  notRequester?: string;
  /** Entity refs, of which one has to be among the approvers. */
  approvers?: string[];
}

/** The end of a page. */
export interface ApprovalPosition {
  createdAt: Date;
  id: string;
}

const KINDS: ApprovalKind[] = ['call', 'access'];

/** In one statement; SQLite and PostgreSQL take more. */
const IDS_AT_ONCE = 500;

/** Keeps requests in the database. Knows states and time, and nothing of who may do what. */
export class ApprovalStore {
  readonly #database: Knex;
  readonly #clock: DatabaseClock;

  constructor(options: { database: Knex; clock: DatabaseClock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /** @returns false when there is an open one with the same key */
  async insert(approval: NewApproval): Promise<boolean> {
    return this.#database.transaction(async trx => {
      const inserted = await trx('approvals')
        .insert({
          id: approval.id,
          kind: approval.kind,
          state: 'pending',
          open_key: approval.openKey,
          requester: approval.requester,
          portal: approval.portal ?? null,
          server: approval.server,
          target: approval.target ?? null,
          summary: approval.summary,
          arguments: jsonOf(approval.arguments),
          argument_digest: approval.argumentDigest,
          access: jsonOf(approval.access),
          justification: approval.justification ?? null,
          policies: JSON.stringify(approval.policies),
          expires_at: this.#clock.in(approval.lifetimeMs),
          created_at: this.#clock.now(),
        })
        .onConflict('open_key')
        .ignore()
        .returning('id');
      if (inserted.length && approval.approvers.length) {
        await trx('approval_approvers').insert(
          approval.approvers.map(approver => ({
            approval_id: approval.id,
            approver,
          })),
        );
      }
      return inserted.length > 0;
    });
  }

  async get(id: string): Promise<Approval | undefined> {
    return (await this.getMany([id]))[0];
  }

  /** Those that exist, in any order. */
  async getMany(ids: string[]): Promise<Approval[]> {
    const found: Approval[] = [];
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids.slice(start, start + IDS_AT_ONCE);
      found.push(...(await this.#read(this.#rows().whereIn('id', some))));
    }
    return found;
  }

  /** The states of those that exist. */
  async statesOf(ids: string[]): Promise<Map<string, ApprovalState>> {
    const states = new Map<string, ApprovalState>();
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const rows: Array<
        Pick<ApprovalRow, 'id' | 'kind' | 'state' | 'overdue'>
      > = await this.#rows(['id', 'kind', 'state']).whereIn(
        'id',
        ids.slice(start, start + IDS_AT_ONCE),
      );
      rows.forEach(row => states.set(row.id, stateOf(row)));
    }
    return states;
  }

  /** The open request with a key; it may have expired. */
  async findOpen(openKey: string): Promise<Approval | undefined> {
    const rows = this.#rows().where('open_key', openKey);
    return (await this.#read(rows))[0];
  }

  /** Newest first. */
  async list(
    conditions: ApprovalConditions,
    page: { limit: number; after?: ApprovalPosition },
  ): Promise<Approval[]> {
    const { state, requester, notRequester, approvers } = conditions;
    const { limit, after } = page;
    const query = this.#rows()
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    if (state) {
      this.#whereState(query, state);
    }
    if (requester !== undefined) {
      query.where('requester', requester);
    }
    if (notRequester !== undefined) {
      query.whereNot('requester', notRequester);
    }
    if (approvers) {
      query.whereIn(
        'id',
        this.#database('approval_approvers')
          .whereIn('approver', approvers)
          .select('approval_id'),
      );
    }
    if (after) {
      query.where(older =>
        older
          .where('created_at', '<', after.createdAt)
          .orWhere(same =>
            same
              .where('created_at', after.createdAt)
              .where('id', '<', after.id),
          ),
      );
    }
    return this.#read(query);
  }

  /** How many requests of somebody wait. */
  async countPending(requester: string): Promise<number> {
    const [{ total }] = await this.#database('approvals')
      .where({ requester, state: 'pending' })
      .where('expires_at', '>', this.#clock.now())
      .count<Array<{ total: number | string }>>({ total: '*' });
    return Number(total);
  }

  /**
   * Brings a request to another state, if it is in one that comes before and has
   * not expired. Of several at the same time, one succeeds.
   *
   * @param changes.lifetimeMs - for how long the new state can be left, from now on
   * @returns whether it did
   */
  async move(
    approval: Pick<Approval, 'id' | 'kind'>,
    state: ApprovalState,
    changes: {
      decidedBy?: string;
      reason?: string;
      lifetimeMs?: number;
    } = {},
    trx: Knex = this.#database,
  ): Promise<boolean> {
    const { decidedBy, reason, lifetimeMs } = changes;
    const moved = await trx('approvals')
      .where({ id: approval.id, kind: approval.kind })
      .whereIn('state', statesBefore(approval.kind, state))
      .where('expires_at', '>', this.#clock.now())
      .update({
        state,
        ...(isOpen(approval.kind, state) ? {} : { open_key: null }),
        ...(decidedBy === undefined
          ? {}
          : {
              decided_by: decidedBy,
              decided_at: this.#clock.now(),
              reason: reason ?? null,
            }),
        ...(lifetimeMs === undefined
          ? {}
          : { expires_at: this.#clock.in(lifetimeMs) }),
      });
    return moved === 1;
  }

  /** Pending requests of which approvers have not been told, the oldest first. @param ageMs - since they were made */
  async untold(ageMs: number): Promise<Approval[]> {
    return this.#read(
      this.#rows()
        .where('state', 'pending')
        .whereNull('notified_at')
        .where('expires_at', '>', this.#clock.now())
        .where('created_at', '<=', this.#clock.in(-ageMs))
        .orderBy('created_at')
        .limit(IDS_AT_ONCE),
    );
  }

  /** Notes that approvers were told. */
  async markNotified(id: string): Promise<void> {
    await this.#database('approvals')
      .where({ id })
      .update({ notified_at: this.#clock.now() });
  }

  /** Marks requests whose time is over, and ends the time of denials. @returns how many expired */
  async expire(openKey?: string): Promise<number> {
    let expired = 0;
    for (const kind of KINDS) {
      expired += await this.#overdue(openKey)
        .where('kind', kind)
        .whereIn('state', statesBefore(kind, 'expired'))
        .update({ state: 'expired', open_key: null });
    }
    await this.#overdue(openKey)
      .where('state', 'denied')
      .whereNotNull('open_key')
      .update({ open_key: null });
    return expired;
  }

  /** Deletes requests that ended long ago, but those whose access lasts: they say who may end it. */
  async deleteOld(ageMs: number): Promise<void> {
    const ended = () =>
      this.#database('approvals')
        .where('expires_at', '<', this.#clock.in(-ageMs))
        .where('created_at', '<', this.#clock.in(-ageMs))
        .whereNotIn(
          'id',
          this.#database('access_grants').select('approval_id'),
        );
    await this.#database('approval_approvers')
      .whereIn('approval_id', ended().select('id'))
      .delete();
    await ended().delete();
  }

  #overdue(openKey?: string) {
    const query = this.#database('approvals').where(
      'expires_at',
      '<=',
      this.#clock.now(),
    );
    return openKey === undefined ? query : query.where('open_key', openKey);
  }

  #rows(columns = ['*']) {
    return this.#database('approvals').select(...columns, {
      overdue: this.#database.raw('expires_at <= ?', [this.#clock.now()]),
    });
  }

  /** With those that expired, but are not marked yet. */
  #whereState(query: Knex.QueryBuilder, state: ApprovalState) {
    const overdue = (kind: ApprovalKind) => (due: Knex.QueryBuilder) =>
      due
        .where('kind', kind)
        .whereIn('state', statesBefore(kind, 'expired'))
        .where('expires_at', '<=', this.#clock.now());
    if (state === 'expired') {
      query.where(either =>
        either
          .where('state', state)
          .orWhere(overdue('call'))
          .orWhere(overdue('access')),
      );
      return;
    }
    query
      .where('state', state)
      .whereNot(overdue('call'))
      .whereNot(overdue('access'));
  }

  async #read(query: Knex.QueryBuilder): Promise<Approval[]> {
    const rows: ApprovalRow[] = await query;
    if (!rows.length) {
      return [];
    }
    const approvers: Array<{ approval_id: string; approver: string }> =
      await this.#database('approval_approvers')
        .whereIn(
          'approval_id',
          rows.map(({ id }) => id),
        )
        .orderBy('approver');
    return rows.map(row =>
      toApproval(
        row,
        approvers
          .filter(({ approval_id: id }) => id === row.id)
          .map(({ approver }) => approver),
      ),
    );
  }
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
