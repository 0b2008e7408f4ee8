import {
  AuthService,
  BackendFeature,
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import {
  catalogProcessingExtensionPoint,
  CatalogService,
  catalogServiceRef,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

const LOCATION = 'url:https://example.com/test-entities';

/** A catalog module of a test. */
export interface CatalogEntities {
  feature: BackendFeature;
  /** Waits until the catalog has started, not until it shows them. */
  replace(entities: Entity[]): Promise<void>;
  /** What the catalog shows now. */
  read(): Promise<Entity[]>;
  /** Of the plugin of the catalog, once it has started. */
  services(): { catalog: CatalogService; auth: AuthService };
}

/** A catalog module with entities of a test, which may change while it runs. */
export function catalogEntities(entities: Entity[]): CatalogEntities {
  let services: { catalog: CatalogService; auth: AuthService };
  let provide: (connection: EntityProviderConnection) => void;
  const connected = new Promise<EntityProviderConnection>(resolve => {
    provide = resolve;
  });
  const replace = async (all: Entity[]) => {
    const connection = await connected;
    await connection.applyMutation({
      type: 'full',
      entities: all.map(deferred),
    });
  };
  return {
    feature: createBackendModule({
      pluginId: 'catalog',
      moduleId: 'test-entities',
      register(env) {
        env.registerInit({
          deps: {
            auth: coreServices.auth,
            catalog: catalogServiceRef,
            processing: catalogProcessingExtensionPoint,
          },
          async init({ processing, ...rest }) {
            services = rest;
            processing.addEntityProvider({
              getProviderName: () => 'test-entities',
              async connect(connection) {
                provide(connection);
                await replace(entities);
              },
            });
          },
        });
      },
    }),
    replace,
    async read() {
      const { items } = await services.catalog.getEntities(
        { fields: ['kind', 'metadata', 'spec', 'relations'] },
        { credentials: await services.auth.getOwnServiceCredentials() },
      );
      return items;
    },
    services: () => services,
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
