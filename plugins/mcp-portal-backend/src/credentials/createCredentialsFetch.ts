import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  createGuardedFetch,
  type GuardedFetch,
  type Resolve,
} from '@prompt-corner/guarded-fetch';

/** Somebody waits for a call meanwhile; and a lease on a refresh lasts longer. */
const TIMEOUT_MS = 10_000;

/** Metadata of large authorization servers has about 10 KiB. */
const MAX_BYTES = 512 * 1024;

/**
 * A `fetch` for authorization servers and for the metadata of servers.
 *
 * @param options.trustedHosts - exact hosts that may have internal addresses
 * @param options.resolve - finds the addresses of a host; default: the operating system
 */
export function createCredentialsFetch(options: {
  trustedHosts: Iterable<string>;
  logger: LoggerService;
  resolve?: Resolve;
}): GuardedFetch {
  return createGuardedFetch({
    trustedHosts: options.trustedHosts,
    resolve: options.resolve,
    timeoutMs: TIMEOUT_MS,
    bodyTimeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    onRefused: reason =>
      options.logger.warn(
        `Did not reach what signing in at a server needs: ${reason}`,
      ),
  });
}
