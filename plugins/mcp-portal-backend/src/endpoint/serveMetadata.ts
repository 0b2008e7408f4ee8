import {
  AgentAuthService,
  metadataUrlOf,
  protectedResourceMetadata,
} from '@prompt-corner/plugin-agent-auth-node';
import { publicDocument } from '@prompt-corner/plugin-agent-auth-node';
import type { RootHttpRouterService } from '@backstage/backend-plugin-api';
import express from 'express';
import { SCOPES } from '../callers/CallerAuthentication';
import type { Portals } from '../portals';

/**
 * Serves the documents by which a client that knows only the URL of a portal
 * finds out where to sign in (RFC 9728).
 *
 * @param options.base - URL below which the portals are, such as `https://host/mcp`
 * @param options.atBase - the portal at the base itself, if one is
 */
export async function serveMetadata(options: {
  rootHttpRouter: RootHttpRouterService;
  agentAuth: AgentAuthService;
  portals: Portals;
  base: string;
  atBase?: string;
}): Promise<void> {
  const { rootHttpRouter, agentAuth, portals, base, atBase } = options;
  const issuer = await agentAuth.issuer();
  const router = express.Router();
  const describe = (path: string, name: string) => {
    const metadata = protectedResourceMetadata({
      resource: `${base}${path}`,
      name: portals.get(name).title,
      authorizationServers: [issuer],
      scopes: SCOPES,
    });
    router.all(
      path || '/',
      publicDocument(async () => metadata),
    );
  };
  if (atBase !== undefined) {
    describe('', atBase);
  }
  for (const { name } of portals.all()) {
    describe(`/${name}`, name);
  }
  rootHttpRouter.use(new URL(metadataUrlOf(base)).pathname, router);
}
