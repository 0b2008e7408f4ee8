import { Result, SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';

/**
 * Takes out of a result what is about the connection between portal and server
 * (protocol revision 2026-07-28): who the server is, as the client talks to the
 * portal; and for how long and for whom the result may be kept, as what a caller
 * may read can change at any time.
 */
export function withoutConnection(result: Result): Result {
  const {
    _meta: meta,
    ttlMs: _ttl,
    cacheScope: _scope,
    ...rest
  } = result as Result & { ttlMs?: unknown; cacheScope?: unknown };
  const { [SERVER_INFO_META_KEY]: _info, ...kept } = meta ?? {};
  return { ...rest, ...(Object.keys(kept).length && { _meta: kept }) };
}
