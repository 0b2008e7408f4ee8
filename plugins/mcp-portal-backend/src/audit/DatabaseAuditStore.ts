import {
  CustomErrorBase,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import type {
  AuditStore,
  AuditTransaction,
  ChainedRecord,
  SignedChain,
} from './AuditStore';
import type { Head } from './chain';
import { DatabaseAuditTransaction } from './DatabaseAuditTransaction';
import { APPEND_POSTGRES } from './insertRecords';
import { toRecordRow } from './rows';

/** Characters of what the database says that are told. */
const MAX_REASON_LENGTH = 300;

/** Other software may have prepared statements on the same connection. */
const APPEND_NAME = `prompt-corner-audit-${createHash('sha256')
  .update(APPEND_POSTGRES)
  .digest('hex')
  .slice(0, 12)}`;

/**
 * What PostgreSQL says, before it does anything, when a pooler such as PgBouncer
 * gave the connection to somebody else: no such prepared statement, or there is one already.
 */
const NOT_PREPARED = new Set(['26000', '42P05']);

/** What the database said, without the records that knex puts in front of it. */
function withoutStatement(error: unknown): Error {
  if (error instanceof CustomErrorBase) {
    return error;
  }
  const [reason] = toError(error).message.split(' - ').slice(-1);
  return new Error(reason.slice(-MAX_REASON_LENGTH));
}

/** Keeps audit records in the database of the plugin. */
export class DatabaseAuditStore implements AuditStore {
  readonly #database: Knex;
  readonly #isPostgres: boolean;
  /** Prepared once for each connection: to plan it takes the database a third of its time. */
  #isPrepared = true;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
  }

  /** @throws ServiceUnavailableError when the pool has no connection in time */
  async append(
    from: Head,
    to: SignedChain,
    records: ChainedRecord[],
    timeoutMs: number,
  ): Promise<boolean> {
    if (!this.#isPostgres) {
      return this.transaction(timeoutMs, async transaction => {
        const moved = await transaction.moveChain(from, to);
        if (moved) {
          await transaction.insertRecords(records);
        }
        return moved;
      });
    }
    const values = [
      ...[to.seq, to.hash, to.mac],
      ...[from.day, from.writer, from.seq, from.hash],
      JSON.stringify(records.map(toRecordRow)),
    ];
    const result = await this.#connected(timeoutMs, connection =>
      this.#appendPostgres(connection, values),
    );
    return result.rowCount === records.length;
  }

  /** Without knex, which takes half as long again to send the same. */
  async #appendPostgres(connection: any, values: unknown[]) {
    if (this.#isPrepared) {
      try {
        return await connection.query({
          name: APPEND_NAME,
          text: APPEND_POSTGRES,
          values,
        });
      } catch (error) {
        if (!NOT_PREPARED.has((error as { code?: string }).code ?? '')) {
          throw error;
        }
        this.#isPrepared = false;
      }
    }
    return connection.query({ text: APPEND_POSTGRES, values });
  }

  /** @throws ServiceUnavailableError when the pool has no connection in time */
  async transaction<T>(
    timeoutMs: number,
    work: (transaction: AuditTransaction) => Promise<T>,
  ): Promise<T> {
    // A full disk makes SQLite undo the transaction by itself; knex then tells only that it could not.
    let cause: unknown;
    const run = async (knex: Knex.Transaction) => {
      try {
        return await work(new DatabaseAuditTransaction(knex, this.#isPostgres));
      } catch (error) {
        cause = error;
        throw error;
      }
    };
    return this.#connected(timeoutMs, connection =>
      this.#database.transaction(run, { connection }).catch(error => {
        throw cause ?? error;
      }),
    );
  }

  /** Runs something on a connection that does not live longer than a time. */
  async #connected<T>(
    timeoutMs: number,
    work: (connection: any) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    const { client } = this.#database;
    const connection = await client.acquireConnection();
    const leftMs = timeoutMs - (performance.now() - startedAt);
    if (leftMs <= 0) {
      await client.releaseConnection(connection);
      throw new ServiceUnavailableError(
        `The database had no connection for ${timeoutMs} ms`,
      );
    }
    // PostgreSQL may be gone without a word, and TCP would wait for it for minutes. SQLite
    // is in this process: nothing can time out while it works.
    const timer = this.#isPostgres
      ? setTimeout(() => connection.end().catch(() => {}), leftMs)
      : undefined;
    try {
      return await work(connection);
    } catch (error) {
      throw withoutStatement(error);
    } finally {
      clearTimeout(timer);
      await client.releaseConnection(connection);
    }
  }
}
