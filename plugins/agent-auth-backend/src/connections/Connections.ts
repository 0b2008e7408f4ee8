import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { InputError, NotFoundError } from '@backstage/errors';
import type { OAuthRecords } from '../records/OAuthRecords';
import type { Revocations } from '../revocations/Revocations';
import {
  ConnectionConditions,
  ConnectionStore,
  StoredConnection,
} from './ConnectionStore';

/** Ended connections are listed nowhere, but kept for questions about the past. */
const KEPT_AFTER_END_MS = 90 * 24 * 60 * 60_000;

/** Of one user or service; more than that nobody oversees. */
const MAX_ACTIVE = 500;

/** How many connections are revoked in one transaction. */
const REVOKED_AT_ONCE = 500;

/** What may act for users and services: made here, and ended here. */
export class Connections {
  readonly store: ConnectionStore;
  readonly #database: Knex;
  readonly #records: OAuthRecords;
  readonly #revocations: Revocations;

  constructor(options: {
    database: Knex;
    store: ConnectionStore;
    records: OAuthRecords;
    revocations: Revocations;
  }) {
    this.store = options.store;
    this.#database = options.database;
    this.#records = options.records;
    this.#revocations = options.revocations;
  }

  /**
   * @returns the connection with an id and the time of its creation
   * @throws InputError when a user has too many
   */
  async create(
    connection: Omit<StoredConnection, 'id' | 'createdAt' | 'expiresAt'> & {
      lifetimeSeconds: number;
    },
  ): Promise<StoredConnection> {
    const { lifetimeSeconds, ...rest } = connection;
    const active = await this.store.countActive({ principal: rest.principal });
    if (active >= MAX_ACTIVE) {
      throw new InputError(
        `There are ${active} connections already. Revoke some of them on the page "Agent access" first`,
      );
    }
    const now = Date.now();
    const created: StoredConnection = {
      ...rest,
      id: randomUUID(),
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + lifetimeSeconds * 1000).toISOString(),
    };
    await this.store.insert(created);
    return created;
  }

  /**
   * The connection of a service, which all its tokens for one resource share;
   * it lasts at least as long as this one. Created when there is none.
   */
  async createOrExtend(
    connection: Parameters<Connections['create']>[0],
  ): Promise<StoredConnection> {
    const { lifetimeSeconds, resources, ...rest } = connection;
    const active = await this.store.listActive(
      { principal: rest.principal, clientId: rest.client.id, name: rest.name },
      { limit: 10 },
    );
    const same = active.find(
      candidate =>
        JSON.stringify(candidate.resources) === JSON.stringify(resources),
    );
    if (!same) {
      return this.create(connection);
    }
    const expiresAt = new Date(
      Math.max(Date.parse(same.expiresAt), Date.now() + lifetimeSeconds * 1000),
    ).toISOString();
    await this.store.extend(same.id, new Date(expiresAt));
    return { ...same, expiresAt };
  }

  /**
   * Ends connections. Their tokens are refused from now on by whoever asks, and
   * within seconds by those who remember them.
   *
   * @param reason - for people, such as `revoked by the user`
   * @returns those that were active until now
   */
  async revoke(
    conditions: ConnectionConditions,
    reason: string,
  ): Promise<StoredConnection[]> {
    if (Object.values(conditions).every(value => value === undefined)) {
      throw new InputError('Say which connections to revoke');
    }
    const revoked: StoredConnection[] = [];
    for (;;) {
      const active = await this.store.listActive(conditions, {
        limit: REVOKED_AT_ONCE,
      });
      if (!active.length) {
        return revoked;
      }
      const ids = active.map(({ id }) => id);
      await this.#database.transaction(async trx => {
        await this.store.markRevoked(ids, reason, trx);
        await this.#records.deleteOfGrants(ids, trx);
        await this.#revocations.add({ connections: ids }, trx);
      });
      revoked.push(...active);
    }
  }

  /** Makes all who remember what these connections may do ask again, within seconds. */
  async forget(conditions: ConnectionConditions): Promise<void> {
    const active = await this.store.listActive(conditions);
    await this.#database.transaction(trx =>
      this.#revocations.add({ connections: active.map(({ id }) => id) }, trx),
    );
  }

  /**
   * Ends one connection of a user.
   *
   * @throws NotFoundError when the user has no such connection
   */
  async revokeOwn(
    principal: string,
    id: string,
    reason: string,
  ): Promise<StoredConnection> {
    const [revoked] = await this.revoke({ principal, ids: [id] }, reason);
    if (!revoked) {
      throw new NotFoundError(
        'You have no such connection. It may have been revoked or have expired already',
      );
    }
    return revoked;
  }

  async deleteEnded(): Promise<void> {
    await this.store.deleteEnded(new Date(Date.now() - KEPT_AFTER_END_MS));
  }
}
