import type { RequestHandler } from 'express';

const WELL_KNOWN = '/.well-known/oauth-authorization-server';

/**
 * Lets agent-auth answer for its own metadata (RFC 8414) beside another plugin
 * that has claimed all of `/.well-known/oauth-authorization-server`, as the MCP
 * actions plugin does. To be used in front of all routes:
 *
 * ```ts
 * backend.add(
 *   rootHttpRouterServiceFactory({
 *     configure({ app, applyDefaults }) {
 *       app.use(agentAuthMetadataFirst());
 *       applyDefaults();
 *     },
 *   }),
 * );
 * ```
 * @public
 */
export function agentAuthMetadataFirst(
  options: {
    /** Path of agent-auth in its external URL. Default: `/api/agent-auth`. */
    basePath?: string;
  } = {},
): RequestHandler {
  const { basePath = '/api/agent-auth' } = options;
  return (request, _response, next) => {
    if (request.path === `${WELL_KNOWN}${basePath}`) {
      request.url = `/api/agent-auth${WELL_KNOWN}`;
    }
    next();
  };
}
