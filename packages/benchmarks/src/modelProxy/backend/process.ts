/* eslint-disable @backstage/no-mixed-plugin-imports -- they are what is measured */
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { modelTrafficFirst } from '@prompt-corner/plugin-ai-proxy-backend';
import { catalogModuleScaleOrganisation } from '../../organisation';
import { probePlugin } from '../../probe/probePlugin';
import {
  ChildOptions,
  createChildBackend,
  runChild,
} from '../../stack/childBackend';
import { proxyConfig } from './config';
import { createEntities } from './entities';

/** What the benchmark tells the process that runs the backend. */
export interface BackendOptions extends ChildOptions {
  /** Origin of the provider. */
  upstream: string;
}

/**
 * Runs a backend with the proxy as the project's backend has it, before other
 * middleware, and all that it needs to know who asks. This file is the entry
 * point of a child process.
 */
async function run(options: BackendOptions): Promise<void> {
  const backend = createChildBackend(options, {
    aiProxy: proxyConfig(options.upstream),
  });
  backend.add(
    rootHttpRouterServiceFactory({
      configure({ app, config, applyDefaults }) {
        app.use(modelTrafficFirst(config));
        applyDefaults();
      },
    }),
  );
  backend.add(catalogModuleScaleOrganisation(createEntities()));
  backend.add(import('@prompt-corner/plugin-agent-auth-backend'));
  backend.add(import('@prompt-corner/plugin-ai-proxy-backend'));
  backend.add(probePlugin);
  await backend.start();
}

runChild(run);
