import { setTimeout as sleep } from 'node:timers/promises';
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogCompletenessServiceRef } from './CatalogCompleteness';
import { readDeclaredEntities } from './declaredEntities';
import { missingFromCatalog } from './missingFromCatalog';

const POLL_INTERVAL_MS = 250;
const WARN_INTERVAL_MS = 20_000;

/** Watches the catalog from startup until it holds everything that the demo declares. */
export const catalogCompletenessModule = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'demo-completeness',
  register(reg) {
    reg.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        catalogCompleteness: catalogCompletenessServiceRef,
        config: coreServices.rootConfig,
        lifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
      },
      async init({
        auth,
        catalog,
        catalogCompleteness,
        config,
        lifecycle,
        logger,
      }) {
        const declared = await readDeclaredEntities(config);
        const stopped = new AbortController();

        const findMissing = async () => {
          const { items } = await catalog.getEntitiesByRefs(
            {
              entityRefs: declared.map(stringifyEntityRef),
              fields: [
                'kind',
                'metadata.namespace',
                'metadata.name',
                'relations',
              ],
            },
            { credentials: await auth.getOwnServiceCredentials() },
          );
          return missingFromCatalog(
            declared,
            items.filter((item): item is Entity => Boolean(item)),
          );
        };

        const waitUntilComplete = async () => {
          let nextWarning = Date.now() + WARN_INTERVAL_MS;
          while (!stopped.signal.aborted) {
            const missing = await findMissing();
            if (missing.length === 0) {
              logger.info(`All ${declared.length} demo entities are in place`);
              catalogCompleteness.markComplete();
              return;
            }
            if (Date.now() > nextWarning) {
              nextWarning = Date.now() + WARN_INTERVAL_MS;
              logger.warn(`Still missing: ${missing.join(', ')}`);
            }
            await sleep(POLL_INTERVAL_MS);
          }
        };

        // Not awaited: the backend has started, only the readiness of the demo waits for this.
        lifecycle.addStartupHook(() => {
          waitUntilComplete().catch(error =>
            logger.error('Cannot tell whether the catalog is complete', error),
          );
        });
        lifecycle.addShutdownHook(() => stopped.abort());
      },
    });
  },
});
