/* eslint-disable @backstage/no-mixed-plugin-imports -- they are what is measured */
import { catalogModuleScaleOrganisation } from '../../organisation';
import { probePlugin } from '../../probe/probePlugin';
import {
  ChildOptions,
  createChildBackend,
  runChild,
} from '../../stack/childBackend';
import { portalConfig } from './config';
import { createEntities } from './entities';

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
  const backend = createChildBackend(options, { mcpPortal: portalConfig() });
  backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
  backend.add(catalogModuleScaleOrganisation(createEntities(options.urls)));
  backend.add(import('@prompt-corner/plugin-agent-auth-backend'));
  backend.add(import('@prompt-corner/plugin-mcp-portal-backend'));
  backend.add(probePlugin);
  await backend.start();
}

runChild(run);
