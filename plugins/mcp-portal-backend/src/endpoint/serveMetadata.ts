import {
  AgentAuthService,
  metadataUrlOf,
  protectedResourceMetadata,
} from '@prompt-corner/plugin-agent-auth-node';
import { publicDocument } from '@prompt-corner/plugin-agent-auth-node';
import type { RootHttpRouterService } from '@backstage/backend-plugin-api';
import express from 'express';
import { SCOPES } from '../callers/CallerAuthentication';
import { SERVER_NAME } from '../names';
import type { Portals } from '../portals';

/**
 * Serves the documents by which a client that knows only the URL of a portal or
 * API finds out where to sign in (RFC 9728).
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
  const metadataOf = (path: string, name: string) =>
    protectedResourceMetadata({
      resource: `${base}${path}`,
      name,
      authorizationServers: [issuer],
      scopes: SCOPES,
    });
  const describe = (path: string, name: string) => {
    const metadata = metadataOf(path, portals.get(name).title);
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
  // Whether there is such an API or not: only who has signed in is told.
  router.all('/apis/:api', (request, response, next) => {
    const { api } = request.params;
    if (!SERVER_NAME.test(api)) {
      next();
      return;
    }
    const metadata = metadataOf(`/apis/${api}`, `${api} API`);
    publicDocument(async () => metadata)(request, response, next);
  });
  rootHttpRouter.use(new URL(metadataUrlOf(base)).pathname, router);
}
