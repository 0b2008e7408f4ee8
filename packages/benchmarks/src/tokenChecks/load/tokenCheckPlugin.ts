import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  agentAuthServiceRef,
  sendAuthError,
} from '@prompt-corner/plugin-agent-auth-node';
import express from 'express';
import Router from 'express-promise-router';
import { GrantPool } from './GrantPool';
import {
  CHECK_PATH,
  FIRST_USES_PATH,
  REVOCATIONS_PATH,
  RevocationsRequest,
  USES_PATH,
  UsesRequest,
  WARM_UP_PATH,
} from './protocol';
import { TokenChecks } from './TokenChecks';

/**
 * Stands in for the catalog's MCP server: a resource that does nothing but
 * check tokens, those of requests and, when told to, many of its own.
 *
 * For benchmarks only: whoever reaches it can put load on it.
 *
 * @param options.seed - of the grants
 * @param options.grants - how many there are
 */
export function tokenCheckPlugin(options: { seed: string; grants: number }) {
  return createBackendPlugin({
    pluginId: 'catalog-mcp',
    register(env) {
      env.registerInit({
        deps: {
          agentAuth: agentAuthServiceRef,
          discovery: coreServices.discovery,
          httpRouter: coreServices.httpRouter,
        },
        async init({ agentAuth, discovery, httpRouter }) {
          const baseUrl = await discovery.getExternalBaseUrl('catalog-mcp');
          const resource = `${baseUrl}${CHECK_PATH}`;
          const pool = new GrantPool(options.seed, options.grants);
          const checks = new TokenChecks({
            agentAuth,
            pool,
            audience: resource,
          });
          const revokeUrl = `${await discovery.getBaseUrl(
            'agent-auth',
          )}/admin/connections/revoke`;

          const router = Router();
          router.get(CHECK_PATH, async (request, response) => {
            try {
              await checks.check(request);
              response.status(204).end();
            } catch (error) {
              if (!sendAuthError(response, error, { resource })) {
                throw error;
              }
            }
          });
          router.use(express.json());
          router.post(FIRST_USES_PATH, async (request, response) => {
            response.json(await checks.firstUses(request, request.body.rate));
          });
          router.post(WARM_UP_PATH, async (request, response) => {
            await checks.warmUp(request);
            response.json({});
          });
          router.post(USES_PATH, async (request, response) => {
            const body: UsesRequest = request.body;
            response.json(await checks.uses(request, body));
          });
          router.post(REVOCATIONS_PATH, async (request, response) => {
            const { userToken, ...body }: RevocationsRequest = request.body;
            response.json(
              await checks.usesDuringRevocations(request, {
                ...body,
                revoke: id => revoke(revokeUrl, userToken, id),
              }),
            );
          });
          httpRouter.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
          httpRouter.use(router);
        },
      });
    },
  });
}

async function revoke(
  url: string,
  userToken: string,
  connectionId: string,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${userToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ ids: [connectionId] }),
  });
  const { revoked } = (await response.json()) as { revoked?: number };
  if (revoked !== 1) {
    throw new Error(`not revoked: status ${response.status}`);
  }
}
