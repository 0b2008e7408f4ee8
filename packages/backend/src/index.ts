import { createBackend } from '@backstage/backend-defaults';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { modelTrafficFirst } from '@prompt-corner/plugin-ai-proxy-backend';

const backend = createBackend();

// Requests to models do without what pages need: compression, security headers, a log of requests.
backend.add(
  rootHttpRouterServiceFactory({
    configure({ app, config, applyDefaults }) {
      app.use(modelTrafficFirst(config));
      applyDefaults();
    },
  }),
);

backend.add(import('@backstage/plugin-app-backend'));

// Sign-in. There is no guest: every user is a User entity of the catalog.
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('./permissionPolicy'));

backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@prompt-corner/plugin-catalog-mcp-backend'));

// Lets coding agents, MCP clients and CI in.
backend.add(import('@prompt-corner/plugin-agent-auth-backend'));

// One endpoint for all MCP servers.
backend.add(import('@prompt-corner/plugin-mcp-portal-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));

// All models through one URL.
backend.add(import('@prompt-corner/plugin-ai-proxy-backend'));

backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-search-backend-module-techdocs'));
backend.add(import('./postgresSearch'));

backend.add(import('@backstage/plugin-techdocs-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

backend.add(import('@backstage-community/plugin-tech-insights-backend'));
backend.add(
  import('@backstage-community/plugin-tech-insights-backend-module-jsonfc'),
);
backend.add(import('./techInsights'));

backend.add(import('./demoLoader'));

backend.start();
