import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { CatalogueRefresh } from './CatalogueRefresh';
import { CatalogueStore } from './CatalogueStore';
import type { ModelsConfig } from './config';
import { ModelCatalogue } from './ModelCatalogue';
import { readSnapshot } from './snapshot';
import type { SourceFetch } from './source';

/** How soon a replica has what another one learnt. */
const LOAD_SECONDS = 60;
/** Longer than the source may take to answer. */
const REFRESH_TIMEOUT_MINUTES = 5;

/**
 * Makes the catalogue of models: with what comes with this version, or what is
 * stored if that is newer. Its source is asked from time to time, by one replica,
 * once {@link scheduleRefresh} was called.
 *
 * @param options.database - with the migrations of the plugin
 * @param options.fetch - that reaches the source
 * @returns the catalogue; and what refreshes it, unless the source is switched off
 */
export async function createModels(options: {
  config: ModelsConfig;
  database: Knex;
  logger: LoggerService;
  fetch: SourceFetch;
}): Promise<{ catalogue: ModelCatalogue; refresh?: CatalogueRefresh }> {
  const { config, database, logger, fetch } = options;
  const catalogue = new ModelCatalogue(config);
  const wanted = [
    ...new Set(config.providers.flatMap(({ catalogue: id }) => id ?? [])),
  ];
  const snapshot = await readSnapshot(wanted);
  catalogue.replace(snapshot.document, {
    origin: 'snapshot',
    asOf: snapshot.asOf,
  });
  if (!config.url || wanted.length === 0) {
    return { catalogue };
  }
  const refresh = new CatalogueRefresh({
    catalogue,
    store: new CatalogueStore({ database, url: config.url }),
    wanted,
    snapshot,
    url: config.url,
    fetch,
    logger,
  });
  await refresh.load();
  return { catalogue, refresh };
}

/** Asks the source in the interval of the configuration, on one replica; the others look each minute at what it stored. */
export async function scheduleRefresh(options: {
  scheduler: SchedulerService;
  config: ModelsConfig;
  refresh: CatalogueRefresh;
}): Promise<void> {
  const { scheduler, config, refresh } = options;
  await scheduler.scheduleTask({
    id: 'refresh-models',
    frequency: { milliseconds: config.refreshMs },
    timeout: { minutes: REFRESH_TIMEOUT_MINUTES },
    initialDelay: { seconds: 5 },
    fn: () => refresh.refresh(),
  });
  await scheduler.scheduleTask({
    id: 'load-models',
    scope: 'local',
    frequency: { seconds: LOAD_SECONDS },
    timeout: { minutes: 1 },
    initialDelay: { seconds: LOAD_SECONDS },
    fn: () => refresh.load(),
  });
}
