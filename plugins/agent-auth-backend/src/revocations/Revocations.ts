import type { Knex } from 'knex';

/** What was revoked after a position in the log. */
export interface RevocationsSince {
  /** Position to ask from the next time. */
  last: number;
  /** Whether the position was too old to tell: everything has to be forgotten. */
  reset: boolean;
  connections: string[];
  /** SHA-256 of single access tokens, hex. */
  hashes: string[];
}

interface Row {
  seq: number;
  connection_id: string | null;
  token_hash: string | null;
  created_at: Date;
}

/** Replicas ask every few seconds; one that was away for longer starts anew. */
const KEPT_MS = 60 * 60_000;

/**
 * Transactions become visible in another order than they took their position,
 * so the newest rows are told again. No transaction here takes that long.
 */
const TOLD_AGAIN_MS = 15_000;

/** A log of what was revoked, which replicas read to forget it. */
export class Revocations {
  readonly #database: Knex;
  readonly #isPostgres: boolean;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
  }

  /** Appends to the log, in the transaction in which it was revoked. */
  async add(
    revoked: { connections?: string[]; hashes?: string[] },
    trx: Knex,
  ): Promise<void> {
    const rows = [
      ...(revoked.connections ?? []).map(id => ({
        connection_id: id,
        created_at: this.#now(),
      })),
      ...(revoked.hashes ?? []).map(hash => ({
        token_hash: hash,
        created_at: this.#now(),
      })),
    ];
    if (rows.length) {
      await trx.batchInsert('revocations', rows, 200);
    }
  }

  /** The position of the newest entry. */
  async last(): Promise<number> {
    const row = await this.#database<Row>('revocations')
      .orderBy('seq', 'desc')
      .first('seq');
    return Number(row?.seq ?? 0);
  }

  /** @param after - the position up to which the caller knows */
  async since(after: number): Promise<RevocationsSince> {
    const last = await this.last();
    const oldest = await this.#database<Row>('revocations')
      .orderBy('seq')
      .first('seq');
    // Either entries that the caller has not read are gone, or it read those of another database.
    if (Number(oldest?.seq ?? 0) > after + 1 || after > last) {
      return { last, reset: true, connections: [], hashes: [] };
    }
    const rows = await this.#database<Row>('revocations')
      .where('seq', '>', after)
      .orWhere('created_at', '>', this.#before(TOLD_AGAIN_MS))
      .orderBy('seq');
    return {
      last: Math.max(after, ...rows.map(({ seq }) => Number(seq))),
      reset: false,
      connections: rows.flatMap(row => row.connection_id ?? []),
      hashes: rows.flatMap(row => row.token_hash ?? []),
    };
  }

  /** Deletes what every replica has read long ago, but the newest, which holds the position. */
  async deleteOld(): Promise<void> {
    await this.#database<Row>('revocations')
      .where('created_at', '<', this.#before(KEPT_MS))
      .andWhere('seq', '<', await this.last())
      .delete();
  }

  /** Of the database, because clocks of replicas differ; SQLite has the clock of its process. */
  #now(): Knex.Raw | Date {
    return this.#isPostgres
      ? this.#database.raw('clock_timestamp()')
      : new Date();
  }

  #before(milliseconds: number): Knex.Raw | Date {
    return this.#isPostgres
      ? this.#database.raw("clock_timestamp() - ? * interval '1 millisecond'", [
          milliseconds,
        ])
      : new Date(Date.now() - milliseconds);
  }
}
