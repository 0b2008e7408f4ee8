import type {
  LoggerService,
  RootHttpRouterService,
  RootSystemMetadataService,
} from '@backstage/backend-plugin-api';
import type { Handler } from 'express';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';

/** Where clients look for a document about an issuer with a path. */
const WELL_KNOWN = {
  /** RFC 8414, section 3.1. */
  oauth: '/.well-known/oauth-authorization-server',
  /** The same, for clients that try OpenID Connect's name there. */
  openid: '/.well-known/openid-configuration',
};

/**
 * Serves the authorization server's metadata at the root of the host, between
 * host and path, where clients look first. Below the issuer the library serves
 * it by itself.
 *
 * @param options.serveOAuth - whether to mount the first of the two; default:
 *   unless the MCP actions plugin is installed, which has mounted a shorter path
 */
export async function serveMetadata(options: {
  rootHttpRouter: RootHttpRouterService;
  logger: LoggerService;
  systemMetadata: RootSystemMetadataService;
  server: AuthorizationServer;
  issuer: string;
  serveOAuth?: boolean;
}): Promise<void> {
  const { rootHttpRouter, logger, systemMetadata, server, issuer } = options;
  const { pathname } = new URL(issuer);
  const handle = server.handler();
  const at =
    (url: string): Handler =>
    (request, response, next) => {
      request.url = url;
      handle(request, response, next);
    };
  const installed = await systemMetadata.getInstalledPlugins();
  const hasMcpActions = installed.some(
    ({ pluginId }) => pluginId === 'mcp-actions',
  );
  const serveOAuth = options.serveOAuth ?? !hasMcpActions;
  if (hasMcpActions && options.serveOAuth === undefined) {
    logger.info(
      `The MCP actions plugin answers for ${WELL_KNOWN.oauth} and all below it. Clients find agent-auth only with agentAuthMetadataFirst() of @prompt-corner/plugin-agent-auth-node in the root HTTP router; see its README. Set agentAuth.serveAuthorizationServerMetadata to false to say that it is there`,
    );
  }
  if (serveOAuth) {
    rootHttpRouter.use(`${WELL_KNOWN.oauth}${pathname}`, at(WELL_KNOWN.oauth));
  }
  rootHttpRouter.use(`${WELL_KNOWN.openid}${pathname}`, at(WELL_KNOWN.openid));
}
