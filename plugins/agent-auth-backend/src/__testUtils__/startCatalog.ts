import {
  AuthService,
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  CatalogService,
  catalogServiceRef,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

const LOCATION = 'url:https://example.com/test-entities';

/** A real catalog, in a backend that stops by itself after the tests of a file. */
export interface TestCatalog {
  catalog: CatalogService;
  auth: AuthService;
  /** Replaces everything in the catalog, and waits until it shows. */
  replaceAll(entities: Entity[]): Promise<void>;
}

/** Starts a backend with a catalog that has the given entities. */
export async function startCatalog(entities: Entity[]): Promise<TestCatalog> {
  let services!: { catalog: CatalogService; auth: AuthService };
  let connection!: EntityProviderConnection;
  await startTestBackend({
    features: [
      catalogPlugin,
      createBackendModule({
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
                async connect(provided) {
                  connection = provided;
                },
              });
            },
          });
        },
      }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost' },
        },
      }),
    ],
  });
  const replaceAll = async (replacement: Entity[]) => {
    await connection.applyMutation({
      type: 'full',
      entities: replacement.map(toDeferred),
    });
    await waitUntilComplete(services, replacement);
  };
  await replaceAll(entities);
  return { ...services, replaceAll };
}

function toDeferred(entity: Entity) {
  return {
    locationKey: 'test-entities',
    entity: {
      ...entity,
      metadata: {
        ...entity.metadata,
        annotations: {
          'backstage.io/managed-by-location': LOCATION,
          'backstage.io/managed-by-origin-location': LOCATION,
        },
      },
    },
  };
}

/** Entities appear one by one; their relations are there once their spec is the new one. */
async function waitUntilComplete(
  { catalog, auth }: { catalog: CatalogService; auth: AuthService },
  entities: Entity[],
): Promise<void> {
  const deadline = Date.now() + 120_000;
  const expected = entities.map(fingerprintOf).sort().join('\n');
  for (;;) {
    const { items } = await catalog.getEntities(
      { fields: ['kind', 'metadata', 'spec', 'relations'] },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    const complete =
      items.map(fingerprintOf).sort().join('\n') === expected &&
      items.every(isStitched);
    if (complete) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `The catalog is not complete: ${items.length} of ${entities.length} entities`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

function fingerprintOf({ kind, metadata, spec }: Entity): string {
  return `${stringifyEntityRef({ kind, metadata } as Entity)} ${JSON.stringify(
    spec,
  )}`;
}

/** Whether what an entity says of itself is among its relations. */
function isStitched({ spec = {}, relations = [] }: Entity): boolean {
  const count = (type: string) =>
    relations.filter(relation => relation.type === type).length;
  const memberOf = Array.isArray(spec.memberOf) ? spec.memberOf.length : 0;
  return (
    count('memberOf') === memberOf &&
    count('childOf') === (spec.parent ? 1 : 0) &&
    count('ownedBy') === (spec.owner ? 1 : 0) &&
    count('partOf') === (spec.domain ? 1 : 0)
  );
}
