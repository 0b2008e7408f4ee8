import { randomUUID } from 'node:crypto';
import { NotFoundError } from '@backstage/errors';
import type {
  AccessGrant,
  Approval,
  RequestedAccess,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import { inTime } from '../database/inTime';
import type { DatabaseClock } from './DatabaseClock';
import { type Person, refsOf } from './mayDecide';

interface Row {
  id: string;
  approval_id: string;
  principal: string;
  server: string;
  portal: string | null;
  tool_classes: string;
  tools: string | null;
  granted_by: string;
  until: Date | number;
  created_at: Date | number;
}

/** How long another replica may use a grant that was revoked, as for revoked tokens. */
const REMEMBERED_MS = 5_000;

/** Users whose grants are remembered. */
const REMEMBERED = 10_000;

/** Ended grants are of no use to anybody; the request that led to them is kept longer. */
const KEPT_AFTER_END_MS = 24 * 60 * 60_000;

/** Access to servers that somebody approved, by who has it. */
export class AccessGrants {
  readonly #database: Knex;
  readonly #clock: DatabaseClock;
  readonly #remembered = new LRUCache<string, Promise<AccessGrant[]>>({
    max: REMEMBERED,
    ttl: REMEMBERED_MS,
  });

  constructor(options: { database: Knex; clock: DatabaseClock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /** The grants that a user has, at most 5 seconds old. @param principal - UUID */
  async grantsOf(principal: string): Promise<AccessGrant[]> {
    const remembered = this.#remembered.get(principal);
    if (remembered) {
      return remembered;
    }
    const asked = this.list({ principal });
    this.#remembered.set(principal, asked);
    asked.catch(() => {
      if (this.#remembered.peek(principal) === asked) {
        this.#remembered.delete(principal);
      }
    });
    return asked;
  }

  /**
   * The grants in force, newest first; all conditions that are given must hold.
   *
   * @param conditions.endableBy - who has the access, or may decide the request that led to it
   */
  async list(conditions: {
    id?: string;
    principal?: string;
    server?: string;
    endableBy?: Person;
  }): Promise<AccessGrant[]> {
    const { endableBy, ...columns } = conditions;
    const query = this.#inForce().orderBy('created_at', 'desc').orderBy('id');
    for (const [column, value] of Object.entries(columns)) {
      if (value !== undefined) {
        query.where(column, value);
      }
    }
    if (endableBy && !endableBy.mayDecideAll) {
      query.where(endable =>
        endable
          .where('principal', endableBy.uuid)
          .orWhereIn(
            'approval_id',
            this.#database('approval_approvers')
              .whereIn('approver', refsOf(endableBy))
              .select('approval_id'),
          ),
      );
    }
    return (await inTime<Row[]>(query)).map(toGrant);
  }

  /** Grants what a request asked for. Its lifetime begins now. */
  async insert(
    approved: Pick<Approval, 'id' | 'requester' | 'server' | 'portal'> & {
      access: RequestedAccess;
      grantedBy: string;
    },
    trx: Knex,
  ): Promise<void> {
    const { access } = approved;
    await trx('access_grants').insert({
      id: randomUUID(),
      approval_id: approved.id,
      principal: approved.requester,
      server: approved.server,
      portal: approved.portal ?? null,
      tool_classes: JSON.stringify(access.toolClasses),
      tools: access.tools ? JSON.stringify(access.tools) : null,
      granted_by: approved.grantedBy,
      until: this.#clock.in(access.lifetimeSeconds * 1_000),
      created_at: this.#clock.now(),
    });
  }

  /** Ends a grant; everywhere within 5 seconds. @throws NotFoundError when there is none in force that the person may end */
  async revoke(id: string, by: Person): Promise<AccessGrant> {
    const [grant] = await this.list({ id, endableBy: by });
    const revoked =
      grant &&
      (await this.#inForce()
        .where({ id })
        .update({ until: this.#clock.now() }));
    if (!revoked) {
      throw new NotFoundError(`There is no grant ${id} in force`);
    }
    this.forget(grant.principal);
    return grant;
  }

  /** Reads the grants of a user again the next time. */
  forget(principal: string): void {
    this.#remembered.delete(principal);
  }

  /** Deletes grants that ended long ago. */
  async deleteEnded(): Promise<void> {
    await this.#database('access_grants')
      .where('until', '<', this.#clock.in(-KEPT_AFTER_END_MS))
      .delete();
  }

  #inForce() {
    return this.#database<Row>('access_grants').where(
      'until',
      '>',
      this.#clock.now(),
    );
  }
}

function toGrant(row: Row): AccessGrant {
  return {
    id: row.id,
    approvalId: row.approval_id,
    principal: row.principal,
    server: row.server,
    portal: row.portal ?? undefined,
    toolClasses: JSON.parse(row.tool_classes),
    tools: row.tools === null ? undefined : JSON.parse(row.tools),
    grantedBy: row.granted_by,
    until: new Date(row.until).toISOString(),
    createdAt: new Date(row.created_at).toISOString(),
  };
}
