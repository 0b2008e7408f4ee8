import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  createGuardedFetch,
  type GuardedFetch,
} from '@prompt-corner/guarded-fetch';
import { LRUCache } from 'lru-cache';
import type { Fetch } from './BoundedFetch';

/** Until a server begins to answer. A call may take longer: it then sends signs of life. */
const HEAD_TIMEOUT_MS = 120_000;

/** Each keeps connections. */
const MAX_HOSTS = 500;

/**
 * Gives, for each server, a `fetch` that reaches the hosts of its URLs wherever
 * they are, since an approver allowed exactly these, and no other internal host.
 */
export function upstreamFetch(options: {
  logger: LoggerService;
}): (server: { remotes: Array<{ url: string }> }) => Fetch {
  const made = new LRUCache<string, GuardedFetch>({
    max: MAX_HOSTS,
    dispose: fetch => void fetch.close(),
  });
  return ({ remotes }) => {
    const urls = remotes.map(({ url }) => new URL(url));
    const hostsOf = (protocol: string) =>
      urls.filter(url => url.protocol === protocol).map(({ host }) => host);
    const key = urls
      .map(({ origin }) => origin)
      .sort()
      .join(' ');
    let fetch = made.get(key);
    if (!fetch) {
      fetch = createGuardedFetch({
        trustedHosts: hostsOf('https:'),
        // An approver has seen that it is http.
        plainHosts: hostsOf('http:'),
        timeoutMs: HEAD_TIMEOUT_MS,
        onRefused: reason =>
          options.logger.warn(`Did not reach an MCP server: ${reason}`),
      });
      made.set(key, fetch);
    }
    return fetch;
  };
}
