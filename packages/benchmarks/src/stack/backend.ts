import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import {
  catalogModuleScaleOrganisation,
  generateOrganisation,
} from '../organisation';
import { authModuleBenchmarkUser } from './authModuleBenchmarkUser';
import { backendConfig, DatabaseAddress } from './config';

/** What the benchmark tells the process that runs the backend. */
export interface BackendOptions {
  port: number;
  database: DatabaseAddress;
  /** Of the organisation. */
  scale: number;
  /** Whether to load the organisation, or keep what the database has. */
  load: boolean;
  /** The user as which requests are made. */
  user: string;
  /** Whether each request is decided by the permission framework, or all are allowed without. */
  permissions: boolean;
  /** Whether to install our own plugin, besides its peers. */
  ownPlugin: boolean;
}

/**
 * Runs one backend that has every contender in it.
 *
 * This file is the entry point of a child process. It reads its options as one
 * line of standard input, and ends when that closes, as it does when the parent ends.
 */
async function runBackend(options: BackendOptions): Promise<void> {
  const config = new ConfigReader(backendConfig(options));
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
  backend.add(
    catalogModuleScaleOrganisation(
      options.load ? generateOrganisation({ scale: options.scale }) : undefined,
    ),
  );
  backend.add(import('@backstage/plugin-mcp-actions-backend'));
  if (options.ownPlugin) {
    // eslint-disable-next-line @backstage/no-mixed-plugin-imports -- it is what is measured
    backend.add(import('@prompt-corner/plugin-catalog-mcp-backend'));
  }
  await backend.start();
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  lines.once('close', () => process.exit());
  const [line] = await once(lines, 'line');
  await runBackend(JSON.parse(line));
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
