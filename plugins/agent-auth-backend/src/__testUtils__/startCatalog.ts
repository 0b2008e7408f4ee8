import type { AuthService } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  CatalogEntities,
  catalogEntities,
} from '@prompt-corner/backend-testing';

/** A real catalog, in a backend that stops by itself after the tests of a file. */
export interface TestCatalog {
  catalog: CatalogService;
  auth: AuthService;
  /** Replaces everything in the catalog, and waits until it shows. */
  replaceAll(entities: Entity[]): Promise<void>;
}

/** Starts a backend with a catalog that has the given entities. */
export async function startCatalog(entities: Entity[]): Promise<TestCatalog> {
  const catalog = catalogEntities(entities);
  await startTestBackend({
    features: [
      catalogPlugin,
      catalog.feature,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost' },
        },
      }),
    ],
  });
  await waitUntilComplete(catalog, entities);
  return {
    ...catalog.services(),
    async replaceAll(replacement) {
      await catalog.replace(replacement);
      await waitUntilComplete(catalog, replacement);
    },
  };
}

/** Entities appear one by one; their relations are there once their spec is the new one. */
async function waitUntilComplete(
  catalog: CatalogEntities,
  entities: Entity[],
): Promise<void> {
  const deadline = Date.now() + 120_000;
  const expected = entities.map(fingerprintOf).sort().join('\n');
  for (;;) {
    const items = await catalog.read();
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
