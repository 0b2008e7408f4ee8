import { readdirSync, readFileSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BackendFeature } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { rootSystemMetadataServiceFactory } from '@backstage/backend-defaults/rootSystemMetadata';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import { parseAllDocuments } from 'yaml';
import catalogMcpPlugin from '..';
import { catalogEntities, FakeAgentAuth } from '@prompt-corner/backend-testing';

const REFRESH_MS = 200;

const EXAMPLES = join(__dirname, '../../../../examples/organisation');

/** A running backend with a real catalog and the plugin in it. */
export interface Portal {
  /** Such as `http://localhost:34567`. */
  url: string;
  /** The MCP endpoint. */
  endpoint: string;
}

/**
 * Starts a backend, which stops by itself after the tests of a file, and waits
 * until its catalog is complete.
 *
 * @param options.entities - what is in the catalog; default: the example organisation
 * @param options.agentAuth - what knows the tokens of agents; default: a fake
 *   that knows none
 * @param options.features - further plugins, modules and service factories
 * @param options.config - merged over the test's own configuration, in which
 *   tokens of Backstage are accepted; its sections replace the test's own
 *   except for `catalogMcp`, which is merged
 */
export async function startPortal(
  options: {
    entities?: Entity[];
    agentAuth?: BackendFeature;
    features?: Array<BackendFeature | Promise<{ default: BackendFeature }>>;
    config?: { catalogMcp?: object; [section: string]: unknown };
  } = {},
): Promise<Portal> {
  const entities = options.entities ?? exampleOrganisation();
  const catalog = catalogEntities(entities);
  const { server } = await startTestBackend({
    features: [
      catalogPlugin,
      catalogMcpPlugin,
      catalog.feature,
      options.agentAuth ?? new FakeAgentAuth().feature,
      rootSystemMetadataServiceFactory,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost' },
          ...options.config,
          catalogMcp: {
            refreshInterval: { milliseconds: REFRESH_MS },
            acceptBackstageTokens: true,
            ...options.config?.catalogMcp,
          },
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  await waitUntilComplete(catalog.read, entities);
  return {
    url,
    endpoint: `${url}/api/catalog-mcp/v1`,
  };
}

/** The entities of `examples/organisation`. */
export function exampleOrganisation(): Entity[] {
  return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.yaml') && file !== 'all.yaml')
    .sort()
    .flatMap(file =>
      parseAllDocuments(readFileSync(join(EXAMPLES, file), 'utf8')).map(
        document => document.toJS() as Entity,
      ),
    );
}

/** A header that authenticates as a user of the tests' mock auth. */
export function asUser(ref: string): string {
  return mockCredentials.user.header(ref);
}

/** Whether the dependencies that an entity declares are among its relations. */
function isStitched(entity: Entity, found: Map<string, Entity>): boolean {
  const relations = found.get(stringifyEntityRef(entity))?.relations ?? [];
  const declared = entity.spec?.dependsOn;
  const dependencies = Array.isArray(declared) ? declared.length : 0;
  return (
    relations.filter(({ type }) => type === 'dependsOn').length >= dependencies
  );
}

/** Entities appear one by one, and each relation at both ends when both are there. */
async function waitUntilComplete(
  read: () => Promise<Entity[]>,
  entities: Entity[],
): Promise<void> {
  const refs = new Set(entities.map(entity => stringifyEntityRef(entity)));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const items = await read();
    const found = new Map(items.map(item => [stringifyEntityRef(item), item]));
    const complete =
      [...refs].every(ref => found.has(ref)) &&
      items.every(item =>
        (item.relations ?? []).every(({ targetRef }) => {
          const target = found.get(targetRef);
          return (
            !target ||
            target.relations?.some(
              back => back.targetRef === stringifyEntityRef(item),
            )
          );
        }),
      ) &&
      entities.every(entity => isStitched(entity, found));
    if (complete) {
      // The plugin reads the catalog every REFRESH_MS; after two passes it has seen this state.
      await new Promise(resolve => setTimeout(resolve, 4 * REFRESH_MS));
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `The catalog is not complete: ${found.size} of ${refs.size} entities`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
