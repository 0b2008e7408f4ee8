import { techInsightsFactRetrieversExtensionPoint } from '@backstage-community/plugin-tech-insights-node';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { catalogHealthFactRetriever } from './catalogHealthFactRetriever';

/** Adds the facts on which the checks in app-config.yaml rest and that Tech Insights does not ship. */
export const catalogHealthModule = createBackendModule({
  pluginId: 'tech-insights',
  moduleId: 'catalog-health',
  register(reg) {
    reg.registerInit({
      deps: { factRetrievers: techInsightsFactRetrieversExtensionPoint },
      async init({ factRetrievers }) {
        factRetrievers.addFactRetrievers({ catalogHealthFactRetriever });
      },
    });
  },
});
