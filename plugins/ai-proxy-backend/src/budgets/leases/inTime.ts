import { ServiceUnavailableError, toError } from '@backstage/errors';

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
