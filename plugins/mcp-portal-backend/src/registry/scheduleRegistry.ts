import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { CatalogWatch } from './CatalogWatch';
import type { Synchronisation } from './synchronisation';

/** How soon a server that said that it changed is looked at. */
const SYNC_TICK_SECONDS = 5;

/** Looks at the catalog and at servers from time to time. */
export async function scheduleRegistry(options: {
  scheduler: SchedulerService;
  logger: LoggerService;
  watch: CatalogWatch;
  synchronisation: Synchronisation;
  catalogIntervalMs: number;
}): Promise<void> {
  const { scheduler, logger, watch, synchronisation, catalogIntervalMs } =
    options;
  // Not waited for: a server that is slow to answer holds up no other.
  const synchronise = () => {
    synchronisation
      .syncDue()
      .catch(error =>
        logger.warn(`Could not synchronise MCP servers: ${error}`),
      );
  };
  await scheduler.scheduleTask({
    id: 'read-mcp-servers',
    frequency: { milliseconds: catalogIntervalMs },
    timeout: { minutes: 5 },
    async fn() {
      await watch.refresh();
      synchronise();
    },
  });
  // In each replica: rows of the database say who takes which snapshot.
  await scheduler.scheduleTask({
    id: 'synchronise-mcp-servers',
    scope: 'local',
    frequency: { seconds: SYNC_TICK_SECONDS },
    timeout: { minutes: 1 },
    initialDelay: { seconds: SYNC_TICK_SECONDS },
    async fn() {
      synchronise();
    },
  });
}
