import { isError } from '@backstage/errors';
import type { ZodError } from 'zod/v3';
import { clip } from '../text/words';

/** Errors whose message is meant for the caller. */
const TOLD = new Set([
  'InputError',
  'NotFoundError',
  'NotAllowedError',
  'ConflictError',
  'AuthenticationError',
  'ServiceUnavailableError',
]);

/**
 * What a caller is told about a failed call.
 *
 * @returns undefined when the failure is the server's own, whose details are for the log only
 */
export function messageFor(error: unknown): string | undefined {
  if (!isError(error)) {
    return undefined;
  }
  if (TOLD.has(error.name)) {
    // The message of a Backstage error ends with that of its cause, which is for the log.
    return error.message.split('; caused by ')[0];
  }
  if (error.name === 'ResponseError' && isError(error.cause)) {
    return messageFor(error.cause);
  }
  return undefined;
}

/** Wrong arguments that are named in one answer. */
const MAX_PROBLEMS = 5;

/** Says which arguments are wrong and how. */
export function describeInvalidInput(
  error: ZodError,
  input: unknown,
  known: string[],
): string {
  const problems = error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) =>
      clip(path.length > 0 ? `${path.join('.')}: ${message}` : message, 300),
    );
  const unknown =
    typeof input === 'object' && input !== null
      ? Object.keys(input).filter(key => !known.includes(key))
      : [];
  const advice =
    unknown.length > 0
      ? ` There is no argument ${unknown
          .slice(0, 5)
          .map(key => `"${key.slice(0, 40)}"`)
          .join(', ')}; the arguments are ${known.join(', ')}.`
      : '';
  return `The arguments are not valid. ${problems.join('; ')}.${advice}`;
}
