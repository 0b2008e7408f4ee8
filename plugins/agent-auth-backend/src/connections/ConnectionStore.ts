import type { Connection } from '@prompt-corner/plugin-agent-auth-common';
import type { AgentClaims } from '@prompt-corner/plugin-agent-auth-node';
import type { Knex } from 'knex';

/** A connection with what only the backend needs of it. */
export interface StoredConnection extends Connection {
  claims: AgentClaims;
}

/** A use of a connection. */
export interface ConnectionUse {
  connectionId: string;
  at: Date;
  address?: string;
  userAgent?: string;
}

/** Which connections to find; all given conditions must hold. */
export interface ConnectionConditions {
  ids?: string[];
  /** UUID. */
  principal?: string;
  clientId?: string;
  name?: string;
  /** Created before. */
  createdBefore?: Date;
  /** Created and last used before. */
  unusedSince?: Date;
}

interface Row {
  id: string;
  name: string;
  principal: string;
  client_id: string;
  client_name: string;
  client_origin: string;
  grant_type: string;
  resources: string;
  limits: string;
  claims: string;
  device: string | null;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  last_used_from: string | null;
  revoked_at: Date | null;
  revoked_reason: string | null;
}

const MAX_DEVICE_LENGTH = 500;

/** In one statement. */
const USES_AT_ONCE = 150;

/** Keeps connections in the database. */
export class ConnectionStore {
  readonly #database: Knex;
  readonly #isPostgres: boolean;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
  }

  async insert(connection: StoredConnection): Promise<void> {
    await this.#database<Row>('connections').insert({
      id: connection.id,
      name: connection.name,
      principal: connection.principal,
      client_id: connection.client.id,
      client_name: connection.client.name,
      client_origin: connection.client.origin,
      grant_type: connection.grantType,
      resources: JSON.stringify(connection.resources),
      limits: JSON.stringify(connection.limits),
      claims: JSON.stringify(connection.claims),
      device: connection.device?.slice(0, MAX_DEVICE_LENGTH) ?? null,
      created_at: new Date(connection.createdAt),
      expires_at: new Date(connection.expiresAt),
    });
  }

  async get(id: string): Promise<StoredConnection | undefined> {
    return (await this.getMany([id]))[0];
  }

  async getMany(ids: string[]): Promise<StoredConnection[]> {
    const rows = await this.#database<Row>('connections').whereIn('id', ids);
    return rows.map(toConnection);
  }

  /** The newest connection of a user to a client, revoked and expired ones included. */
  async latestOf(
    principal: string,
    clientId: string,
  ): Promise<StoredConnection | undefined> {
    const row = await this.#database<Row>('connections')
      .where({ principal, client_id: clientId })
      .orderBy('created_at', 'desc')
      .first();
    return row && toConnection(row);
  }

  /**
   * Connections that are neither revoked nor expired, newest first.
   *
   * @param page - `after` is the last one of the page before
   */
  async listActive(
    conditions: ConnectionConditions,
    page?: { limit: number; after?: { createdAt: Date; id: string } },
  ): Promise<StoredConnection[]> {
    const query = this.#active(conditions).orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ]);
    if (page) {
      query.limit(page.limit);
      const { after } = page;
      if (after) {
        query.andWhere(older =>
          older
            .where('created_at', '<', after.createdAt)
            .orWhere(same =>
              same
                .where('created_at', after.createdAt)
                .andWhere('id', '<', after.id),
            ),
        );
      }
    }
    return (await query).map(toConnection);
  }

  /** UUIDs of all users and services that have an active connection. */
  async listPrincipals(): Promise<string[]> {
    const rows = await this.#active({}).distinct('principal');
    return rows.map(({ principal }) => principal);
  }

  async countActive(conditions: ConnectionConditions): Promise<number> {
    const [{ total }] = await this.#active(conditions).count<
      Array<{ total: number | string }>
    >({ total: '*' });
    return Number(total);
  }

  async extend(id: string, expiresAt: Date): Promise<void> {
    await this.#database<Row>('connections')
      .where({ id })
      .andWhere('expires_at', '<', expiresAt)
      .update({ expires_at: expiresAt });
  }

  async markRevoked(ids: string[], reason: string, trx: Knex): Promise<void> {
    await trx<Row>('connections')
      .whereIn('id', ids)
      .whereNull('revoked_at')
      .update({ revoked_at: new Date(), revoked_reason: reason });
  }

  /** Records last uses; an older one never replaces a newer one. */
  async recordUses(uses: ConnectionUse[]): Promise<void> {
    for (let start = 0; start < uses.length; start += USES_AT_ONCE) {
      await this.#recordSome(uses.slice(start, start + USES_AT_ONCE));
    }
  }

  async #recordSome(uses: ConnectionUse[]): Promise<void> {
    const row = this.#isPostgres
      ? '(?::text, ?::timestamptz, ?::text, ?::text)'
      : '(?, ?, ?, ?)';
    await this.#database.raw(
      `with uses (id, at, address, agent) as (values ${uses
        .map(() => row)
        .join(', ')})
       update connections
       set last_used_at = uses.at,
           last_used_from = uses.address,
           device = coalesce(uses.agent, device)
       from uses
       where connections.id = uses.id
         and (last_used_at is null or last_used_at < uses.at)`,
      uses.flatMap(({ connectionId, at, address, userAgent }) => [
        connectionId,
        // As knex stores a date in SQLite.
        this.#isPostgres ? at : at.getTime(),
        address ?? null,
        userAgent?.slice(0, MAX_DEVICE_LENGTH) ?? null,
      ]) as Knex.RawBinding[],
    );
  }

  /** Deletes connections that ended before a time. */
  async deleteEnded(before: Date): Promise<void> {
    await this.#database<Row>('connections')
      .where('expires_at', '<', before)
      .orWhere('revoked_at', '<', before)
      .delete();
  }

  #active(conditions: ConnectionConditions): Knex.QueryBuilder<Row, Row[]> {
    const { ids, principal, clientId, name, createdBefore, unusedSince } =
      conditions;
    const query = this.#database<Row>('connections')
      .whereNull('revoked_at')
      .andWhere('expires_at', '>', new Date());
    if (ids) {
      query.whereIn('id', ids);
    }
    if (principal !== undefined) {
      query.andWhere('principal', principal);
    }
    if (clientId !== undefined) {
      query.andWhere('client_id', clientId);
    }
    if (name !== undefined) {
      query.andWhere('name', name);
    }
    if (createdBefore) {
      query.andWhere('created_at', '<', createdBefore);
    }
    if (unusedSince) {
      query
        .andWhere('created_at', '<', unusedSince)
        .andWhere(unused =>
          unused
            .whereNull('last_used_at')
            .orWhere('last_used_at', '<', unusedSince),
        );
    }
    return query as Knex.QueryBuilder<Row, Row[]>;
  }
}

function toConnection(row: Row): StoredConnection {
  const iso = (date: Date | null) =>
    date ? new Date(date).toISOString() : undefined;
  return {
    id: row.id,
    name: row.name,
    principal: row.principal,
    client: {
      id: row.client_id,
      name: row.client_name,
      origin: row.client_origin as Connection['client']['origin'],
    },
    grantType: row.grant_type as Connection['grantType'],
    resources: JSON.parse(row.resources),
    limits: JSON.parse(row.limits),
    claims: JSON.parse(row.claims),
    device: row.device ?? undefined,
    createdAt: iso(row.created_at)!,
    expiresAt: iso(row.expires_at)!,
    lastUsedAt: iso(row.last_used_at),
    lastUsedFrom: row.last_used_from ?? undefined,
    revokedAt: iso(row.revoked_at),
    revokedReason: row.revoked_reason ?? undefined,
  };
}
