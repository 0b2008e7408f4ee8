import { isError } from '@backstage/errors';

const GONE = [403, 404, 409, 410];

/** The HTTP status with which the backend refused; undefined when it did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  if (!isError(error) || typeof error.statusCode !== 'number') {
    return undefined;
  }
  return error.statusCode;
}

/**
 * Tells whether a request cannot be answered any more, by this browser at least: it has expired,
 * is answered, unknown, or was started in another browser. Trying again does not help.
 */
export function isGone(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && GONE.includes(status);
}

/** For how many seconds the backend wants to be left alone, if it says so. */
export function waitSecondsOf(error: unknown): number | undefined {
  const { response } = error as { response?: Response };
  const seconds = Number(response?.headers?.get('retry-after') || NaN);
  return seconds > 0 ? Math.ceil(seconds) : undefined;
}
