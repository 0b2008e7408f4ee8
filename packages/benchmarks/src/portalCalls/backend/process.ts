/* eslint-disable @backstage/no-mixed-plugin-imports -- they are what is measured */
import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import { catalogModuleScaleOrganisation } from '../../organisation';
import { authModuleBenchmarkUser } from '../../stack/authModuleBenchmarkUser';
import { ChildOptions, runChild } from '../../stack/childBackend';
import { backendConfig } from '../../stack/config';
import { portalConfig } from './config';
import { createEntities } from './entities';
import { probePlugin } from './probePlugin';

/** What the benchmark tells the process that runs the backend. */
export interface BackendOptions extends ChildOptions {
  /** Of the servers behind the portals, by name. */
  urls: Record<string, string>;
}

/**
 * Runs a backend with the portal, and all that it needs to know who calls. This
 * file is the entry point of a child process.
 */
async function run(options: BackendOptions): Promise<void> {
  const config = new ConfigReader({
    ...backendConfig(options),
    mcpPortal: portalConfig(),
  });
  const backend = createBackend();
  backend.add(
    createServiceFactory({
      service: coreServices.rootConfig,
      deps: {},
      factory: () => config,
    }),
  );
  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(authModuleBenchmarkUser(options.user));
  backend.add(import('@backstage/plugin-permission-backend'));
  backend.add(
    import('@backstage/plugin-permission-backend-module-allow-all-policy'),
  );
  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
  backend.add(catalogModuleScaleOrganisation(createEntities(options.urls)));
  backend.add(import('@prompt-corner/plugin-agent-auth-backend'));
  backend.add(import('@prompt-corner/plugin-mcp-portal-backend'));
  backend.add(probePlugin);
  await backend.start();
}

runChild(run);
