import { ServiceUnavailableError, toError } from '@backstage/errors';
import type { Knex } from 'knex';

/** A healthy database needs milliseconds, and somebody waits. */
export const DATABASE_LIMIT_MS = 2_000;

/**
 * Waits for a database no longer than a caller can. What was asked may still
 * happen afterwards.
 *
 * @throws ServiceUnavailableError when it does not answer, or with an error
 */
export async function inTime<T>(work: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${DATABASE_LIMIT_MS} ms`)),
      DATABASE_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw new ServiceUnavailableError(
      'The database of budgets does not answer as it should',
      toError(error),
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes a transaction that somebody waits for. A connection on which nothing comes
 * back is not used again, so that a few of them do not use up the pool: the first
 * and the last statement of a transaction have no time-out of their own (knex 3).
 *
 * @throws ServiceUnavailableError when the database does not answer, or with an error
 */
export async function transactionInTime<T>(
  database: Knex,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  const { client } = database;
  if (client.config.client !== 'pg') {
    return inTime(database.transaction(work));
  }
  const acquiring: Promise<PoolConnection> = client.acquireConnection();
  let connection: PoolConnection | undefined;
  try {
    connection = await inTime(acquiring);
    return await inTime(database.transaction(work, { connection }));
  } catch (error) {
    if (connection) {
      connection.__knex__disposed = error;
    }
    throw error;
  } finally {
    // One that comes too late goes back as well.
    acquiring.then(
      late => client.releaseConnection(late),
      () => {},
    );
  }
}

/** The pool destroys those that have an error, before it would give them to somebody. */
interface PoolConnection {
  __knex__disposed?: unknown;
}
