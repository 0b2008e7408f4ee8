import type {
  RootConfigService,
  RootHttpRouterService,
} from '@backstage/backend-plugin-api';
import type { AgentAuthService } from '@prompt-corner/plugin-agent-auth-node';
import express from 'express';
import type { Portals } from '../portals';
import { serveMetadata } from './serveMetadata';

const PATH = '/mcp';

/**
 * Serves the portals at `/mcp/<portal>` as well, the first one at `/mcp`, and
 * APIs at `/mcp/apis/<api>`.
 * A token for either URL of a portal is one for the portal.
 */
export async function serveShortPaths(options: {
  config: RootConfigService;
  rootHttpRouter: RootHttpRouterService;
  agentAuth: AgentAuthService;
  portals: Portals;
  /** Serves `/:portal` and `/apis/:api`. */
  router: express.Router;
}): Promise<void> {
  const { config, rootHttpRouter, portals, router } = options;
  const base = new URL(config.getString('backend.baseUrl'));
  const [first] = portals.all();
  const url = `${base.origin}${base.pathname.replace(/\/$/, '')}${PATH}`;
  const short = express.Router();
  short.all('/', (request, response, next) => {
    const query = request.url.slice(1);
    request.url = `/${first.name}${query}`;
    response.locals.portalUrl = url;
    router(request, response, next);
  });
  short.all('/:portal', (request, response, next) => {
    response.locals.portalUrl = `${url}/${request.params.portal}`;
    router(request, response, next);
  });
  short.all('/apis/:api', (request, response, next) => {
    response.locals.portalUrl = `${url}/apis/${request.params.api}`;
    router(request, response, next);
  });
  rootHttpRouter.use(PATH, short);
  await serveMetadata({
    ...options,
    base: url,
    atBase: first.name,
  });
}
