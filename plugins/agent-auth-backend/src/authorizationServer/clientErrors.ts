import { isError } from '@backstage/errors';
import { errors } from 'oidc-provider';

/** Errors that say what is wrong with a client: with its document, or with the entity as which it acts. */
const FAULTS_OF_CLIENT = [
  'ConflictError',
  'InputError',
  'NotAllowedError',
  'NotFoundError',
];

/**
 * An error in OAuth's terms, so that who started the client learns what to
 * change; what the portal is to blame for stays as it is, and is not told.
 *
 * @returns InvalidClient, TemporarilyUnavailable with status 503, or the error itself
 */
export function toClientError(error: unknown): unknown {
  if (!isError(error)) {
    return error;
  }
  if (FAULTS_OF_CLIENT.includes(error.name)) {
    return new errors.InvalidClient(error.message, { cause: error });
  }
  if (error.name === 'ServiceUnavailableError') {
    // The library's status for it is 400, as if a retry were no use.
    return Object.assign(
      new errors.TemporarilyUnavailable(error.message, { cause: error }),
      { status: 503, statusCode: 503 },
    );
  }
  return error;
}
