import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { databaseTime } from '../databaseTime';

/** How long a server is left alone after a snapshot was begun, however often it says that it changed. */
export const LEAST_PAUSE_MS = 10_000;

/** The right of one replica to take a snapshot of one server. */
export interface SyncLease {
  entityRef: string;
  token: string;
}

/** Decides, by rows of the database, which replica synchronises what and when. */
export class SyncLeases {
  readonly #database: Knex;
  readonly #leaseMs: number;

  /** @param options - `leaseMs` is longer than a snapshot can take */
  constructor(options: { database: Knex; leaseMs: number }) {
    this.#database = options.database;
    this.#leaseMs = options.leaseMs;
  }

  /** Approved servers whose time has come, or which said that they changed; who waits longest first. */
  async due(limit: number): Promise<string[]> {
    const rows: Array<{ entity_ref: string }> = await this.#free(LEAST_PAUSE_MS)
      .where({ status: 'approved' })
      .andWhere(due =>
        due
          .whereNull('next_sync_at')
          .orWhere('next_sync_at', '<=', this.#time())
          .orWhereRaw('sync_requested_at >= sync_started_at'),
      )
      // Somebody waits for those that were never asked.
      .orderBy('next_sync_at', 'asc', 'first')
      .limit(limit)
      .select('entity_ref');
    return rows.map(row => row.entity_ref);
  }

  /** Notes that servers said that they changed. */
  async request(entityRefs: string[]): Promise<void> {
    await this.#database('servers')
      .whereIn('entity_ref', entityRefs)
      .update({ sync_requested_at: this.#time() });
  }

  /** @returns undefined when another replica has the lease, or a snapshot was begun less than `pauseMs` ago */
  async take(
    entityRef: string,
    pauseMs: number,
  ): Promise<SyncLease | undefined> {
    const token = randomUUID();
    const taken = await this.#free(pauseMs)
      .where({ entity_ref: entityRef })
      .update({
        sync_token: token,
        sync_until: this.#time(this.#leaseMs),
        sync_started_at: this.#time(),
      });
    return taken ? { entityRef, token } : undefined;
  }

  /** Whether a lease still holds, for the rest of a transaction that locked the server. */
  async holds({ entityRef, token }: SyncLease, trx: Knex): Promise<boolean> {
    const row = await trx('servers')
      .where({ entity_ref: entityRef, sync_token: token })
      .first('entity_ref');
    return row !== undefined;
  }

  /**
   * Ends a lease and says when the next snapshot is due.
   *
   * @param result - `error` is what went wrong, for people
   */
  async end(
    { entityRef, token }: SyncLease,
    result: { nextInMs: number; error?: string },
    trx: Knex,
  ): Promise<void> {
    const { nextInMs, error } = result;
    await trx('servers')
      .where({ entity_ref: entityRef, sync_token: token })
      .update({
        sync_token: null,
        sync_until: null,
        next_sync_at: this.#time(nextInMs),
        last_attempt_at: new Date(),
        health_state: error === undefined ? 'healthy' : 'degraded',
        health_error: error ?? null,
        ...(error === undefined
          ? { last_success_at: new Date(), consecutive_failures: 0 }
          : { consecutive_failures: trx.raw('consecutive_failures + 1') }),
      });
  }

  /** Gives a lease back without a result, so that the server is due at once. */
  async release(
    { entityRef, token }: SyncLease,
    database: Knex = this.#database,
  ): Promise<void> {
    await database('servers')
      .where({ entity_ref: entityRef, sync_token: token })
      .update({ sync_token: null, sync_until: null, next_sync_at: null });
  }

  /** Gives a lease back without a result, for later. */
  async putOff(
    { entityRef, token }: SyncLease,
    { nextInMs }: { nextInMs: number },
  ): Promise<void> {
    await this.#database('servers')
      .where({ entity_ref: entityRef, sync_token: token })
      .update({
        sync_token: null,
        sync_until: null,
        next_sync_at: this.#time(nextInMs),
      });
  }

  #free(pauseMs: number): Knex.QueryBuilder {
    return this.#database('servers')
      .where(free =>
        free.whereNull('sync_until').orWhere('sync_until', '<', this.#time()),
      )
      .andWhere(paused =>
        paused
          .whereNull('sync_started_at')
          .orWhere('sync_started_at', '<=', this.#time(-pauseMs)),
      );
  }

  #time(offsetMs = 0) {
    return databaseTime(this.#database, offsetMs);
  }
}
