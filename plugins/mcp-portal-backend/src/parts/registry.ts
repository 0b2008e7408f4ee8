import type {
  AuthService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Knex } from 'knex';
import type { DecisionRecords } from '../audit';
import type { ApiSpecifications } from '../apis';
import { DefinitionScreen, DefinitionStore } from '../definitions';
import {
  CatalogServers,
  CatalogWatch,
  observeRegistry,
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
  metrics: MetricsService;
  decisions: DecisionRecords;
  specifications: ApiSpecifications;
  logger: LoggerService;
}) {
  const { database, specifications } = options;
  const settings = readRegistryConfig(options.config);
  const version = new RegistryVersion({ database });
  const servers = new ServerStore({ database });
  const definitions = new DefinitionStore({ database });
  const catalog = new CatalogServers({
    ...options,
    specifiedUrlOf: async entityRef =>
      (await specifications.of(entityRef)).baseUrl,
  });
  const shared = {
    ...options,
    servers,
    definitions,
    version,
    configured: settings.servers,
  };
  const view = new RegistryView(shared);
  observeRegistry({ ...options, view });
  return {
    settings,
    servers,
    definitions,
    catalog,
    watch: new CatalogWatch({
      ...shared,
      catalog,
      absenceGraceMs: settings.absenceGraceMs,
    }),
    lifecycle: new ServerLifecycle(shared),
    version,
    view,
  };
}

/** Makes what asks servers what they offer. */
export function createSynchronisation(
  options: Omit<ReturnType<typeof createRegistry>, 'settings'> & {
    settings: ReturnType<typeof readRegistryConfig>;
    database: Knex;
    reader: SnapshotReader;
    screen: DefinitionScreen;
    decisions: DecisionRecords;
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
