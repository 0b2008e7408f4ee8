import type { Entity } from '@backstage/catalog-model';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { OrganisationEntityProvider } from './OrganisationEntityProvider';

/**
 * A catalog module that provides an organisation.
 *
 * @param entities - what to load; undefined keeps what an earlier start loaded
 */
export function catalogModuleScaleOrganisation(entities: Entity[] | undefined) {
  return createBackendModule({
    pluginId: 'catalog',
    moduleId: 'scale-organisation',
    register(env) {
      env.registerInit({
        deps: { catalog: catalogProcessingExtensionPoint },
        async init({ catalog }) {
          catalog.addEntityProvider(new OrganisationEntityProvider(entities));
        },
      });
    },
  });
}
