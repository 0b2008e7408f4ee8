import type {
  AuthService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Knex } from 'knex';
import { DefinitionScreen, DefinitionStore } from '../definitions';
import {
  CatalogServers,
  CatalogWatch,
  readRegistryConfig,
  RegistryVersion,
  RegistryView,
  ServerLifecycle,
  ServerStore,
  SnapshotReader,
  Synchronisation,
} from '../registry';

/** Makes the registry of servers and their definitions. */
export function createRegistry(options: {
  config: RootConfigService;
  database: Knex;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
}) {
  const { database } = options;
  const settings = readRegistryConfig(options.config);
  const version = new RegistryVersion({ database });
  const servers = new ServerStore({ database });
  const definitions = new DefinitionStore({ database });
  const catalog = new CatalogServers(options);
  const shared = {
    ...options,
    servers,
    definitions,
    version,
    configured: settings.servers,
  };
  return {
    settings,
    servers,
    definitions,
    catalog,
    watch: new CatalogWatch({ ...shared, catalog }),
    lifecycle: new ServerLifecycle(shared),
    version,
    view: new RegistryView(shared),
  };
}

/** Makes what asks servers what they offer. */
export function createSynchronisation(
  options: Omit<ReturnType<typeof createRegistry>, 'settings'> & {
    settings: ReturnType<typeof readRegistryConfig>;
    database: Knex;
    reader: SnapshotReader;
    screen: DefinitionScreen;
    logger: LoggerService;
  },
): Synchronisation {
  const { settings } = options;
  return new Synchronisation({
    ...options,
    configured: settings.servers,
    intervalMs: settings.syncIntervalMs,
    timeoutMs: settings.syncTimeoutMs,
  });
}
