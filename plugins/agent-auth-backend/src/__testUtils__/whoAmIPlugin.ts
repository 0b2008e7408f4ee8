import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  agentAuthServiceRef,
  sendAuthError,
} from '@prompt-corner/plugin-agent-auth-node';
import Router from 'express-promise-router';

/** Stands in for the catalog's MCP server: a resource that tells who is calling. */
export const whoAmIPlugin = createBackendPlugin({
  pluginId: 'catalog-mcp',
  register(env) {
    env.registerInit({
      deps: {
        agentAuth: agentAuthServiceRef,
        discovery: coreServices.discovery,
        httpRouter: coreServices.httpRouter,
        userInfo: coreServices.userInfo,
      },
      async init({ agentAuth, discovery, httpRouter }) {
        const resource = `${await discovery.getExternalBaseUrl(
          'catalog-mcp',
        )}/v1`;
        const router = Router();
        router.all('/v1', async (request, response) => {
          try {
            const principal = await agentAuth.authenticate(request, {
              audience: resource,
              scopes:
                typeof request.query.scopes === 'string'
                  ? request.query.scopes.split(' ')
                  : ['catalog:read'],
            });
            const credentials =
              request.query.acting === 'true'
                ? await principal.backstageCredentials()
                : undefined;
            response.json({
              ...principal,
              scopes: [...principal.scopes],
              network: principal.network,
              actingAs: credentials?.principal,
            });
          } catch (error) {
            if (!sendAuthError(response, error, { resource })) {
              throw error;
            }
          }
        });
        httpRouter.addAuthPolicy({ path: '/v1', allow: 'unauthenticated' });
        httpRouter.use(router);
      },
    });
  },
});
