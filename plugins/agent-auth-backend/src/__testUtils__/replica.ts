/**
 * A backend in a process of its own: real services, a catalog from a file, the
 * tests' sign-in, and the plugin. Started by `startReplicas`.
 */
import './skewedClock';
import { createBackend } from '@backstage/backend-defaults';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import authPlugin from '@backstage/plugin-auth-backend';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import mcpActionsPlugin from '@backstage/plugin-mcp-actions-backend';
import { agentAuthMetadataFirst } from '@prompt-corner/plugin-agent-auth-node';
import agentAuthPlugin from '..';
import { authModuleTestProvider } from '@prompt-corner/backend-testing';
import { whoAmIPlugin } from './whoAmIPlugin';

const backend = createBackend();
if (process.env.WITH_MCP_ACTIONS) {
  backend.add(mcpActionsPlugin);
  backend.add(
    rootHttpRouterServiceFactory({
      configure({ app, applyDefaults }) {
        app.use(agentAuthMetadataFirst());
        applyDefaults();
      },
    }),
  );
}
backend.add(authPlugin);
backend.add(authModuleTestProvider);
backend.add(catalogPlugin);
backend.add(agentAuthPlugin);
backend.add(whoAmIPlugin);
backend.start();
