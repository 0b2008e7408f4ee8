import { createBackendFeatureLoader } from '@backstage/backend-plugin-api';
import { demoFactsModule } from './demoFactsModule';
import { identityProviderModule } from './identityProvider';
import { catalogCompletenessModule, demoRootHealthFactory } from './readiness';

/** All that the demo adds to the backend. */
export default createBackendFeatureLoader({
  loader: () => [
    identityProviderModule,
    catalogCompletenessModule,
    demoRootHealthFactory,
    demoFactsModule,
  ],
});
