import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  actionsRegistryServiceRef,
  metricsServiceRef,
  tracingServiceRef,
} from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { RateLimit, RequestGuard } from '@prompt-corner/mcp-endpoint';
import { agentAuthServiceRef } from '@prompt-corner/plugin-agent-auth-node';
import { version } from '../package.json';
import { registerActions } from './actions/registerActions';
import { CatalogCallers } from './catalog/CatalogCallers';
import { Completions } from './completions/Completions';
import { readCatalogMcpConfig } from './config';
import { CallerAuthentication } from './endpoint/CallerAuthentication';
import { createRouter } from './endpoint/createRouter';
import { serveMetadata } from './endpoint/serveMetadata';
import { ToolCaller } from './endpoint/ToolCaller';
import { CatalogGraphCache } from './graph/CatalogGraphCache';
import { EntityIndex } from './names/EntityIndex';
import { EntityResolver } from './names/EntityResolver';
import { PromptLibrary } from './prompts/PromptLibrary';
import { CatalogResources } from './resources/CatalogResources';
import { ToolTelemetry } from './telemetry/ToolTelemetry';
import { createCatalogTools } from './tools';
import { ReadAccess } from './visibility/ReadAccess';

/**
 * Serves the software catalog to agents: as an MCP server at
 * `/api/catalog-mcp/v1`, and as Backstage actions.
 *
 * @public
 */
export const catalogMcpPlugin = createBackendPlugin({
  pluginId: 'catalog-mcp',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        agentAuth: agentAuthServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        metrics: metricsServiceRef,
        permissions: coreServices.permissions,
        rootHttpRouter: coreServices.rootHttpRouter,
        systemMetadata: coreServices.rootSystemMetadata,
        tracing: tracingServiceRef,
      },
      async init(deps) {
        const { catalog, config, discovery, httpRouter, logger } = deps;
        const settings = readCatalogMcpConfig(config);

        const cache = new CatalogGraphCache(deps);
        const index = new EntityIndex();
        cache.onChange(change => index.update(change));
        const resolver = new EntityResolver({ cache, index });

        const tools = createCatalogTools({
          ...deps,
          cache,
          index,
          resolver,
          dataStoreTypes: settings.dataStoreTypes,
        });
        const callers = new CatalogCallers({
          catalog,
          cache,
          access: new ReadAccess(deps),
          readFromMemory: settings.readFromMemory,
        });
        const telemetry = new ToolTelemetry(deps);
        registerActions({
          tools,
          registry: deps.actionsRegistry,
          callers,
          telemetry,
        });

        const resource = `${await discovery.getExternalBaseUrl(
          'catalog-mcp',
        )}/v1`;
        const router = await createRouter({
          logger,
          callers,
          resource,
          authentication: new CallerAuthentication({
            ...deps,
            resource,
            acceptBackstageTokens: settings.acceptBackstageTokens,
          }),
          parts: {
            version,
            tools: new ToolCaller({ tools, logger, telemetry }),
            telemetry,
            logger,
            resources: new CatalogResources(tools),
            prompts: new PromptLibrary(),
            completions: new Completions({ cache, index }),
          },
          guard: new RequestGuard({
            section: 'catalogMcp',
            baseUrls: [
              config.getString('backend.baseUrl'),
              config.getOptionalString('app.baseUrl') ??
                config.getString('backend.baseUrl'),
            ],
            hosts: settings.allowedHosts,
            origins: settings.allowedOrigins,
          }),
          rateLimit: new RateLimit(settings.rateLimit),
        });
        // The router authenticates by itself, to answer with the challenge that MCP clients need.
        httpRouter.addAuthPolicy({ path: '/v1', allow: 'unauthenticated' });
        httpRouter.use(router);
        await serveMetadata({ ...deps, settings, resource });

        deps.lifecycle.addStartupHook(() =>
          cache.start(settings.refreshInterval),
        );
        deps.lifecycle.addShutdownHook(() => cache.stop());
      },
    });
  },
});
