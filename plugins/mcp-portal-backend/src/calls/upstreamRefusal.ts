import { isError } from '@backstage/errors';
import { UpstreamError } from '../upstreams';
import { CallRefusal } from './CallRefusal';

/** There is no credential for this caller, and the message says what to do about it. */
const CREDENTIAL_ERRORS = new Set([
  'AuthorizationNeededError',
  'NotAllowedError',
]);

/** What failed on the way to a server, as a refusal of the call; anything else as it is. */
export function upstreamRefusal(error: unknown): unknown {
  if (error instanceof UpstreamError) {
    return new CallRefusal('upstream', error.message, {
      outcome: 'upstream_error',
      cause: error,
    });
  }
  if (isError(error) && CREDENTIAL_ERRORS.has(error.name)) {
    return new CallRefusal('credential', error.message, { cause: error });
  }
  return error;
}
