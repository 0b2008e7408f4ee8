import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogCompletenessServiceRef } from './readiness';

/**
 * Retrieves the facts of Tech Insights as soon as the catalog is complete, so that scorecards
 * are filled from the start instead of after the first run of their schedule.
 */
export const demoFactsModule = createBackendModule({
  pluginId: 'tech-insights',
  moduleId: 'demo-facts',
  register(reg) {
    reg.registerInit({
      deps: {
        catalogCompleteness: catalogCompletenessServiceRef,
        config: coreServices.rootConfig,
        lifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({
        catalogCompleteness,
        config,
        lifecycle,
        logger,
        scheduler,
      }) {
        const factRetrieverIds =
          config.getOptionalConfig('techInsights.factRetrievers')?.keys() ?? [];

        lifecycle.addStartupHook(() => {
          catalogCompleteness
            .whenComplete()
            // The id of a retriever's task is the id of the retriever.
            .then(() =>
              Promise.all(
                factRetrieverIds.map(id => scheduler.triggerTask(id)),
              ),
            )
            .catch(error =>
              logger.warn('Could not retrieve the first facts', error),
            );
        });
      },
    });
  },
});
