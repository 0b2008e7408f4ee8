import { ServiceUnavailableError } from '@backstage/errors';

/** What is told when the catalog gives no answer, as opposed to a refusal. */
export function catalogUnavailable(cause: unknown): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The software catalog does not answer right now. Try again in a moment',
    cause,
  );
}
