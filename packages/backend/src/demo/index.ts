import { createBackendFeatureLoader } from '@backstage/backend-plugin-api';
import { demoFactsModule } from './demoFactsModule';
import { identityProviderModule } from './identityProvider';
import { mcpAddressesModule, mcpServersModule } from './mcpServers';
import { modelsModule } from './models';
import { catalogCompletenessModule, demoRootHealthFactory } from './readiness';

/** All that the demo adds to the backend. */
export default createBackendFeatureLoader({
  loader: () => [
    identityProviderModule,
    catalogCompletenessModule,
    demoRootHealthFactory,
    demoFactsModule,
    mcpAddressesModule,
    mcpServersModule,
    modelsModule,
  ],
});
