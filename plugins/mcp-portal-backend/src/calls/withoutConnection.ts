import { Result, SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';

/**
 * Takes out of a result what is about the connection between portal and server
 * (protocol revision 2026-07-28): who the server is, as the client talks to the
 * portal; and that others may be given the same, as they may not be allowed to.
 */
export function withoutConnection(result: Result): Result {
  const { _meta: meta, ...rest } = result;
  const { [SERVER_INFO_META_KEY]: _, ...kept } = meta ?? {};
  return {
    ...rest,
    ...(Object.keys(kept).length && { _meta: kept }),
    ...('cacheScope' in rest && { cacheScope: 'private' }),
  };
}
