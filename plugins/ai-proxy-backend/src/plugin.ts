import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { metricsServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { agentAuthServiceRef } from '@prompt-corner/plugin-agent-auth-node';
import { aiProxyPermissions } from '@prompt-corner/plugin-ai-proxy-common';
import { ModelAccess } from './access';
import { ComponentDirectory } from './attribution';
import { createBudgets, notifyBudgetAlert, readBudgetsConfig } from './budgets';
import { readCache } from './cache';
import { migrate } from './database/migrate';
import { DISCOVERY_PATHS } from './discovery';
import {
  createHandler,
  readEndpointConfig,
  takeModelTraffic,
} from './endpoint';
import { readPromptGuards } from './guards';
import { createModels, readModelsConfig, scheduleRefresh } from './models';
import { Ownership, OwnershipStore } from './ownership';
import { createAnswerers } from './parts/answerers';
import { serveDiscovery } from './parts/discovery';
import { createRoutes } from './parts/routes';
import { createStages } from './parts/stages';
import { ModelPolicy } from './policy';
import { PriceList, readPriceOverrides } from './prices';
import { readProviders, Routes } from './providers';
import { Upstreams } from './upstream';
import { createUsage } from './usage';

/** Paths that authenticate by themselves, or are for everybody. */
const PUBLIC_PATHS = [
  '/anthropic',
  '/openai',
  '/google-ai-studio',
  '/compat',
  '/managed',
  '/models',
  ...DISCOVERY_PATHS,
];

/**
 * Every model request of the organisation through one place.
 *
 * @public
 */
export const aiProxyPlugin = createBackendPlugin({
  pluginId: 'ai-proxy',
  register(env) {
    env.registerInit({
      deps: {
        agentAuth: agentAuthServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        metrics: metricsServiceRef,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootHttpRouter: coreServices.rootHttpRouter,
        scheduler: coreServices.scheduler,
        urlReader: coreServices.urlReader,
      },
      async init(deps) {
        const { agentAuth, config, httpRouter, lifecycle, scheduler } = deps;
        const { logger } = deps;
        const endpoint = readEndpointConfig(config);
        const providers = readProviders(config);
        const database = await deps.database.getClient();
        if (!deps.database.migrations?.skip) {
          await migrate(database);
        }
        const baseUrl = await deps.discovery.getExternalBaseUrl('ai-proxy');
        const shared = { ...deps, database, providers, baseUrl };

        const modelsConfig = readModelsConfig(config);
        const { catalogue, refresh } = await createModels({
          ...shared,
          config: modelsConfig,
          fetch,
        });
        const prices = new PriceList(
          readPriceOverrides(
            config,
            providers.map(({ name }) => name),
          ),
          name => providers.find(provider => provider.name === name)?.api,
        );
        const policy = new ModelPolicy(shared);
        const access = new ModelAccess({
          catalogue,
          prices,
          policy,
          providers,
        });
        const running = createBudgets({
          ...shared,
          config: readBudgetsConfig(config),
          uuidOf: async ref => (await agentAuth.userOf(ref)).uuid,
          onAlert: notifyBudgetAlert({
            ...shared,
            recipientOf: uuid => agentAuth.recipientOf(uuid),
            link: '/ai-usage',
          }),
        });
        const usage = createUsage({
          ...shared,
          isOpenWeight: ({ provider, model }) =>
            catalogue.find(provider, model)?.capabilities.openWeights ?? false,
        });
        const components = new ComponentDirectory(shared);
        const upstreams = new Upstreams();
        const ownershipStore = new OwnershipStore(database);
        const parts = {
          ...shared,
          ...endpoint,
          routes: new Routes({
            providers,
            config,
            aliasOf: (api, name) => catalogue.resolveAlias(api, name),
          }),
          upstreams,
          catalogue,
          prices,
          policy,
          access,
          running,
          budgets: running.budgets,
          usage: usage.log,
          ownershipStore,
          ownership: new Ownership({ store: ownershipStore, logger }),
          guards: readPromptGuards(config),
          cache: readCache(config),
        };
        const answering = createAnswerers({
          ...parts,
          stages: createStages(parts),
        });
        const handler = createHandler({
          agentAuth,
          audience: baseUrl,
          further: endpoint.further,
          components,
          answerers: answering.answerers,
          logger,
        });
        const configuring = await serveDiscovery(parts);

        for (const path of PUBLIC_PATHS) {
          httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
        }
        const release = takeModelTraffic(config, handler);
        httpRouter.use(handler);
        httpRouter.use(configuring.router);
        httpRouter.use(usage.routes);
        httpRouter.use(createRoutes({ ...parts, ...configuring }));
        deps.permissionsRegistry.addPermissions(aiProxyPermissions);

        policy.start();
        await running.start();
        await usage.retention.schedule(scheduler);
        await answering.schedule(scheduler);
        if (refresh) {
          await scheduleRefresh({ scheduler, config: modelsConfig, refresh });
        }
        await scheduler.scheduleTask({
          id: 'read-components',
          scope: 'local',
          frequency: { seconds: 15 },
          timeout: { minutes: 4 },
          fn: () => components.refresh(),
        });
        lifecycle.addShutdownHook(async () => {
          release();
          policy.stop();
          answering.close();
          await running.stop();
          await usage.log.close();
          upstreams.connections.close();
        });
      },
    });
  },
});
