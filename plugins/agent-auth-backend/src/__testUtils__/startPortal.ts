import { AddressInfo } from 'node:net';
import { DatabaseManager } from '@backstage/backend-defaults/database';
import { rootSystemMetadataServiceFactory } from '@backstage/backend-defaults/rootSystemMetadata';
import {
  BackendFeature,
  coreServices,
  createBackendModule,
  createServiceFactory,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import type { Knex } from 'knex';
import agentAuthPlugin from '..';
import {
  CatalogEntities,
  catalogEntities,
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
import { whoAmIPlugin } from './whoAmIPlugin';

/** In which the plugin notices a change of the catalog. */
const INTERVAL_MS = 500;

/** A running backend with a real catalog, real sign-in and the plugin in it. */
export interface Portal {
  /** Such as `http://localhost:34567`. */
  url: string;
  /** The replica that answers for that URL, if it is another. */
  via?: string;
  issuer: string;
  /** The resource `catalog`, served by a test plugin that tells who is calling. */
  resource: string;
  /** Signs a user in, and returns the `authorization` header. */
  signIn(user: string): Promise<string>;
  /** Replaces what is in the catalog, and waits until it has it. */
  setEntities(entities: Entity[]): Promise<void>;
  /** Runs a scheduled task of the plugin now. */
  runTask(id: string): Promise<void>;
  /** Ends the backend before the tests do. */
  stop(): Promise<void>;
}

/** Teams: ada in platform, which is part of engineering; linus in payments. */
export const organisation: Entity[] = [
  group('engineering'),
  group('platform', 'engineering'),
  group('payments', 'engineering'),
  user('ada', 'platform'),
  user('linus', 'payments'),
  user('grace'),
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'payments-ci' },
    spec: { type: 'service', lifecycle: 'production', owner: 'payments' },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'System',
    metadata: { name: 'portal' },
    spec: { owner: 'platform' },
  },
];

/**
 * Starts a backend, which stops by itself after the tests of a file.
 *
 * @param options.database - of the plugin; default: SQLite in memory
 * @param options.agentAuth - its section of the configuration
 */
export async function startPortal(
  options: {
    database?: Knex;
    entities?: Entity[];
    agentAuth?: object;
    config?: object;
    features?: Array<BackendFeature | Promise<{ default: BackendFeature }>>;
  } = {},
): Promise<Portal> {
  // Backstage's auth backend reads client documents of loopback hosts only then.
  process.env.NODE_ENV = 'development';
  const catalog = catalogEntities([]);
  const setEntities = async (entities: Entity[]) => {
    await catalog.replace(entities);
    await waitUntilComplete(catalog, entities);
  };
  const tasks = tasksModule();
  const backend = await startTestBackend({
    features: [
      ...realAuth,
      catalogPlugin,
      catalog.feature,
      agentAuthPlugin,
      tasks.feature,
      whoAmIPlugin,
      rootSystemMetadataServiceFactory,
      databaseOf(options.database),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: {
            baseUrl: 'http://localhost',
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          ...realAuthConfig,
          agentAuth: {
            organisationInterval: { milliseconds: INTERVAL_MS },
            ...options.agentAuth,
          },
          ...options.config,
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const { port } = backend.server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  await setEntities(options.entities ?? organisation);
  // Twice, because it may just have been read.
  await new Promise(resolve => setTimeout(resolve, 2 * INTERVAL_MS));
  return {
    url,
    issuer: `${url}/api/agent-auth`,
    resource: `${url}/api/catalog-mcp/v1`,
    signIn: entityRef => signIn(url, entityRef),
    setEntities,
    runTask: id => tasks.run(id),
    stop: () => backend.stop(),
  };
}

/** A module through which a test runs the plugin's scheduled tasks. */
function tasksModule() {
  let scheduler: SchedulerService | undefined;
  const feature = createBackendModule({
    pluginId: 'agent-auth',
    moduleId: 'test-tasks',
    register(env) {
      env.registerInit({
        deps: { scheduler: coreServices.scheduler },
        async init(deps) {
          scheduler = deps.scheduler;
        },
      });
    },
  });
  return { feature, run: (id: string) => scheduler!.triggerTask(id) };
}

/** One database for the plugin, and others in memory for the rest. */
function databaseOf(database: Knex | undefined) {
  return createServiceFactory({
    service: coreServices.database,
    deps: {
      metadata: coreServices.pluginMetadata,
      lifecycle: coreServices.lifecycle,
      logger: coreServices.logger,
    },
    createRootContext: () =>
      DatabaseManager.fromConfig(
        new ConfigReader({
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
        }),
      ),
    factory: ({ metadata, lifecycle, logger }, manager) =>
      database && metadata.getId() === 'agent-auth'
        ? { getClient: async () => database }
        : manager.forPlugin(metadata.getId(), { lifecycle, logger }),
  });
}

/** Entities appear one by one, and their relations after them. */
async function waitUntilComplete(
  catalog: CatalogEntities,
  entities: Entity[],
): Promise<void> {
  const expected = entities.map(stringifyEntityRef).sort();
  await eventually(async () => {
    const items = await catalog.read();
    const refs = items.map(stringifyEntityRef).sort();
    const stitched = items.every(
      ({ relations, spec }) =>
        relations?.length ||
        !(
          spec?.owner ||
          spec?.parent ||
          (spec?.memberOf as string[] | undefined)?.length
        ),
    );
    return JSON.stringify(refs) === JSON.stringify(expected) && stitched;
  });
}

function group(name: string, parent?: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name },
    spec: { type: 'team', children: [], ...(parent ? { parent } : {}) },
  };
}

function user(name: string, team?: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name },
    spec: {
      profile: { email: `${name}@example.com` },
      memberOf: team ? [team] : [],
    },
  };
}

/** Waits until something holds. @throws Error after 30 s */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error('It has not happened in 30 s');
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
