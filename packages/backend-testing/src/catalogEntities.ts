import {
  BackendFeature,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import {
  catalogProcessingExtensionPoint,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

const LOCATION = 'url:https://example.com/test-entities';

/** A catalog module with entities of a test, which may change while it runs. */
export function catalogEntities(entities: Entity[]): {
  feature: BackendFeature;
  replace(entities: Entity[]): Promise<void>;
} {
  let connection: EntityProviderConnection;
  const apply = (all: Entity[]) =>
    connection.applyMutation({ type: 'full', entities: all.map(deferred) });
  const provider: EntityProvider = {
    getProviderName: () => 'test-entities',
    connect: async made => {
      connection = made;
      await apply(entities);
    },
  };
  return {
    feature: createBackendModule({
      pluginId: 'catalog',
      moduleId: 'test-entities',
      register(env) {
        env.registerInit({
          deps: { processing: catalogProcessingExtensionPoint },
          async init({ processing }) {
            processing.addEntityProvider(provider);
          },
        });
      },
    }),
    replace: apply,
  };
}

function deferred(entity: Entity) {
  return {
    locationKey: 'test-entities',
    entity: {
      ...entity,
      metadata: {
        ...entity.metadata,
        annotations: {
          'backstage.io/managed-by-location': LOCATION,
          'backstage.io/managed-by-origin-location': LOCATION,
          ...entity.metadata.annotations,
        },
      },
    },
  };
}
