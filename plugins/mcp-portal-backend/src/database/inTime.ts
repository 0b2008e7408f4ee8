import { ServiceUnavailableError, toError } from '@backstage/errors';

/** For a connection and the answer together. A healthy database needs milliseconds. */
const LIMIT_MS = 3_000;

/** A query of knex that was not made yet. */
interface Query<T> {
  timeout(milliseconds: number): PromiseLike<T>;
}

/**
 * Makes a query that somebody waits for. A database that is gone without a word
 * keeps a query waiting for minutes, and with it its connection: that one is
 * not used again.
 *
 * @throws ServiceUnavailableError when the database does not answer, or with an error
 */
export async function inTime<T>(query: Query<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${LIMIT_MS} ms`)),
      LIMIT_MS,
    );
  });
  try {
    return await Promise.race([query.timeout(LIMIT_MS), late]);
  } catch (error) {
    throw new ServiceUnavailableError(
      'The database does not answer as it should',
      toError(error),
    );
  } finally {
    clearTimeout(timer);
  }
}
