import { aiProxyStatusReadPermission } from '@prompt-corner/plugin-ai-proxy-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ModelCatalogue } from '../models';
import type { Provider } from '../providers';
import type { Upstreams } from '../upstream';
import type { UsageLog } from '../usage';
import type { PageUsers } from './PageUsers';

/** `GET /admin/status`: how providers, catalogue and configuration are doing, without keys. */
export function createStatusRouter(options: {
  users: PageUsers;
  providers: Provider[];
  upstreams: Upstreams;
  catalogue: ModelCatalogue;
  usage: UsageLog;
  discovery: { status(): unknown };
}): express.Router {
  const { users, providers, upstreams, catalogue, usage, discovery } = options;
  const router = Router();
  router.get('/admin/status', async (request, response) => {
    await users.authorize(request, aiProxyStatusReadPermission);
    const running = upstreams.status(providers);
    response.set('cache-control', 'no-store').json({
      providers: providers.map((provider, index) => ({
        ...running[index],
        baseUrls: [
          ...new Set(provider.targets.map(({ baseUrl }) => baseUrl.origin)),
        ],
        // What is enforced, and what was agreed: one is not the other.
        retention: {
          optOutEnforced: provider.retention.optOut,
          except: provider.retention.except,
          agreementOnFile: provider.retention.agreement,
        },
      })),
      catalogue: catalogue.status(),
      usage: usage.status(),
      discovery: discovery.status(),
    });
  });
  return router;
}
