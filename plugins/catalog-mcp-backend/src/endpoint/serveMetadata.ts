import type { RootHttpRouterService } from '@backstage/backend-plugin-api';
import {
  AgentAuthService,
  metadataUrlOf,
  protectedResourceMetadata,
  publicDocument,
} from '@prompt-corner/plugin-agent-auth-node';
import type { CatalogMcpConfig } from '../config';
import { SCOPES } from './CallerAuthentication';

/**
 * Serves the document by which a client that knows only the endpoint's URL
 * finds out where to sign in (RFC 9728).
 */
export async function serveMetadata(options: {
  rootHttpRouter: RootHttpRouterService;
  agentAuth: AgentAuthService;
  settings: CatalogMcpConfig;
  resource: string;
}): Promise<void> {
  const { rootHttpRouter, agentAuth, settings, resource } = options;
  const metadata = protectedResourceMetadata({
    resource,
    name: 'Software catalog',
    authorizationServers: settings.authorizationServers ?? [
      await agentAuth.issuer(),
    ],
    scopes: SCOPES,
  });
  rootHttpRouter.use(
    new URL(metadataUrlOf(resource)).pathname,
    publicDocument(async () => metadata),
  );
}
