import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { authModuleBenchmarkUser } from './authModuleBenchmarkUser';
import { backendConfig, DatabaseAddress } from './config';

/** What every backend under test is told by the process that starts it. */
export interface ChildOptions {
  port: number;
  database: DatabaseAddress;
  /** Whether to load the organisation, or keep what the database has. */
  load: boolean;
  /** The user as which requests are made. */
  user: string;
  /** Whether each request is decided by the permission framework, or all are allowed without. */
  permissions: boolean;
}

/**
 * Creates a backend with what all have: sign-in, permissions and a catalog.
 *
 * @param sections - further ones of the configuration
 */
export function createChildBackend(
  options: ChildOptions,
  sections: JsonObject = {},
) {
  const config = new ConfigReader({ ...backendConfig(options), ...sections });
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
  return backend;
}

/**
 * Runs a process that `startChild` has started. The first message of the parent
 * has the options; each later one is a value for `NODE_ENV`, and is sent back
 * once that holds. The process ends when the parent does.
 */
export function runChild<Options>(run: (options: Options) => Promise<void>) {
  process.once('disconnect', () => process.exit());
  process.once('message', options => {
    process.on('message', (mode: string) => {
      process.env.NODE_ENV = mode;
      process.send!(mode);
    });
    run(options as Options).catch(error => {
      console.error(error);
      process.exit(1);
    });
  });
}
