import { tell } from '../requests';
import { UpstreamError } from '../upstream';
import { RefusedError } from '../wire';

/** What to tell of an error. A body that ended in one took the request to the provider with it. */
export function refusalOf(error: unknown): ReturnType<typeof tell> {
  const { cause } = error as { cause?: unknown };
  return tell(
    error instanceof UpstreamError && cause instanceof RefusedError
      ? cause
      : error,
  );
}
