import type {
  DiscoveryService,
  RootHttpRouterService,
  RootSystemMetadataService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { Handler } from 'express';
import Router from 'express-promise-router';
import type { CatalogMcpConfig } from '../config';
import { metadataUrlOf, protectedResourceMetadata } from './protectedResource';

const TIMEOUT_MS = 10_000;

/**
 * Serves the documents by which a client that knows only the endpoint's URL
 * finds out how to sign in: the protected resource's metadata (RFC 9728) and,
 * unless another plugin does, the authorization server's (RFC 8414).
 */
export async function serveMetadata(options: {
  rootHttpRouter: RootHttpRouterService;
  discovery: DiscoveryService;
  systemMetadata: RootSystemMetadataService;
  settings: CatalogMcpConfig;
  resource: string;
}): Promise<void> {
  const { rootHttpRouter, discovery, systemMetadata, settings, resource } =
    options;
  const metadata = protectedResourceMetadata({
    resource,
    authorizationServers: settings.authorizationServers ?? [
      await discovery.getExternalBaseUrl('auth'),
    ],
  });
  rootHttpRouter.use(
    new URL(metadataUrlOf(resource)).pathname,
    publicDocument(async () => metadata),
  );

  if (
    settings.serveAuthorizationServerMetadata ??
    (await isFree(systemMetadata))
  ) {
    rootHttpRouter.use(
      '/.well-known/oauth-authorization-server',
      publicDocument(async () => {
        const url = `${await discovery.getBaseUrl(
          'auth',
        )}/.well-known/openid-configuration`;
        const response = await fetch(url, {
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (!response.ok) {
          throw new ServiceUnavailableError(
            'The auth plugin does not serve its metadata right now',
          );
        }
        return response.json();
      }),
    );
  }
}

/** The MCP actions plugin mounts the same path, and a second mount stops the backend. */
async function isFree(
  systemMetadata: RootSystemMetadataService,
): Promise<boolean> {
  const installed = await systemMetadata.getInstalledPlugins();
  return !installed.some(({ pluginId }) => pluginId === 'mcp-actions');
}

/** A JSON document that anybody may read, web pages of other origins included. */
function publicDocument(read: () => Promise<unknown>): Handler {
  const router = Router();
  router.get('*', async (_request, response) => {
    response
      .set('access-control-allow-origin', '*')
      .set('cache-control', 'public, max-age=300')
      .json(await read());
  });
  return router;
}
