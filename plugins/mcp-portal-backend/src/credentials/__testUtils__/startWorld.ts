import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import { type EncryptionKey, SecretBox } from '@prompt-corner/encryption';
import express from 'express';
import type { Knex } from 'knex';
import { pageUsers } from '../../__testUtils__/pageUsers';
import { memoryTrail } from '../../audit/__testUtils__/memoryTrail';
import type { Caller } from '../../callers/Caller';
import { migrate } from '../../database/migrate';
import { createCredentialsRouter } from '../../routes/credentials';
import { createOAuthCallbackRouter } from '../../routes/oauthCallback';
import {
  createCredentials,
  createCredentialsFetch,
  type Credentials,
  type DescribedScope,
  type UpstreamServer,
} from '..';
import type { Fetch } from '../oauth';
import type { ServerCredentialSettings } from '../settings';
import { startMcpServer, type TestMcpServer } from './startMcpServer';
import {
  startAuthorizationServer,
  type TestAuthorizationServer,
} from './startAuthorizationServer';

/** Where the frontend would be. */
export const CONNECT_PAGE = 'https://portal.example.com/mcp-servers/connect';

/** Users of the tests. */
export const ADA = 'user:default/ada';
export const BOB = 'user:default/bob';
export const EVE = 'user:default/eve';

/** With which replicas encrypt. */
export const KEYS: EncryptionKey[] = [
  { id: 'k', secret: 'a secret for these tests' },
];

/** A portal with as many replicas as a test makes, real servers and a real database. */
export interface World {
  database: Knex;
  as: TestAuthorizationServer;
  baseUrl: string;
  servers: TestMcpServer[];
  /** Starts a server at which who signs in at `as` is let in. @param settings - as in the configuration */
  addServer(
    name: string,
    settings?: ServerCredentialSettings,
  ): Promise<TestMcpServer>;
  /** What servers say can be granted there. */
  described: DescribedScope[];
  /** By name of the server, as in the configuration. */
  configured: Map<string, ServerCredentialSettings>;
  /** Entity refs of users who have left. */
  gone: Set<string>;
  /** Entity refs of retired servers. */
  retired: Set<string>;
  presentOf(uuids: string[]): Promise<Set<string>>;
  /** Hosts of authorization servers, for replicas that are made afterwards. */
  trustedHosts: Set<string>;
  /** Everything that was logged. */
  logged: () => string;
  notifications: Array<{ recipients: unknown; payload: { title: string } }>;
  /** The audit trail that the routes write to. */
  audit: ReturnType<typeof memoryTrail>;
  /** A new replica; the first one answers the browsers. @param encryptionKeys - default: {@link KEYS} */
  replica(encryptionKeys?: EncryptionKey[]): Credentials;
  stop(): Promise<void>;
}

/** UUID of a user, such as `user:default/ada`, in tests. */
export function uuidOf(entityRef: string): string {
  const hex = Buffer.from(entityRef.split('/')[1]).toString('hex');
  return `00000000-0000-4000-8000-${hex.padStart(12, '0').slice(-12)}`;
}

/** A caller for whom a user's agent acts. */
export function callerOf(user: string, change: Partial<Caller> = {}): Caller {
  return {
    kind: 'user',
    uuid: uuidOf(user),
    entityRef: user,
    teams: ['group:default/payments'],
    client: { id: 'claude', name: 'Claude' },
    scopes: new Set(['portal:use']),
    claims: {},
    network: {} as Caller['network'],
    backstageCredentials: async () => mockCredentials.user(user),
    ...change,
  };
}

/** @param options.fetch - for authorization servers that are not known yet; only `as` is reached without */
export async function startWorld(
  database: Knex,
  options: { administrators?: string[]; fetch?: Fetch } = {},
): Promise<World> {
  await migrate(database);
  const app = express();
  const http = createServer(app);
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const baseUrl = `http://localhost:${port}/api/mcp-portal`;
  const as = await startAuthorizationServer(`${baseUrl}/oauth/callback`);
  const logger = mockServices.logger.mock();
  const fetches: Array<{ close(): Promise<void> }> = [];
  let isServed = false;
  const world: World = {
    database,
    as,
    baseUrl,
    servers: [],
    async addServer(name, settings) {
      const server = await startMcpServer(name, as);
      world.servers.push(server);
      if (settings) {
        world.configured.set(name, settings);
      }
      return server;
    },
    described: [],
    configured: new Map(),
    gone: new Set(),
    retired: new Set(),
    async presentOf(uuids) {
      const gone = [...world.gone].map(uuidOf);
      return new Set(uuids.filter(uuid => !gone.includes(uuid)));
    },
    trustedHosts: new Set([as.host]),
    notifications: [],
    audit: memoryTrail(),
    logged: () =>
      JSON.stringify(
        [logger.debug, logger.info, logger.warn, logger.error].flatMap(
          method => method.mock.calls,
        ),
      ),
    replica,
    stop: async () => {
      await Promise.all([
        ...fetches.map(fetch => fetch.close()),
        ...world.servers.map(server => server.stop()),
        as.stop(),
      ]);
      http.closeAllConnections();
      await new Promise(resolve => http.close(resolve));
    },
  };
  const servers = async (): Promise<UpstreamServer[]> => world.servers;

  function replica(encryptionKeys = KEYS): Credentials {
    const trusting = (trustedHosts: string[]) => {
      const fetch = createCredentialsFetch({ trustedHosts, logger });
      fetches.push(fetch);
      return fetch;
    };
    const configKey = 'mcpPortal.encryption.keys';
    const credentials = createCredentials({
      config: {
        encryptionKeys: [],
        keyRotationMs: 30 * 24 * 60 * 60_000,
        servers: world.configured,
        trustedHosts: [],
        administrators: options.administrators ?? [],
        noticeMs: 7 * 24 * 60 * 60_000,
      },
      database,
      box: new SecretBox(encryptionKeys, { purpose: 'mcp-portal', configKey }),
      baseUrl,
      name: 'Test portal',
      connectPage: CONNECT_PAGE,
      fetch: options.fetch ?? trusting([...world.trustedHosts]),
      fetchFor: server => trusting([new URL(server.url).host]),
      servers,
      known: servers,
      retired: async () => world.retired,
      presentOf: uuids => world.presentOf(uuids),
      entityRefOf: async uuid =>
        [ADA, BOB, EVE].find(ref => uuidOf(ref) === uuid),
      notifications: {
        send: async notification => {
          world.notifications.push(notification);
        },
      },
      auth: mockServices.auth(),
      discovery: mockServices.discovery(),
      logger,
    });
    if (!isServed) {
      isServed = true;
      serve(credentials);
    }
    return credentials;
  }

  function serve(credentials: Credentials): void {
    const router = express.Router();
    router.use(
      createOAuthCallbackRouter({
        credentials,
        baseUrl,
        connectPage: CONNECT_PAGE,
      }),
    );
    router.use(
      createCredentialsRouter({
        credentials,
        decisions: world.audit.decisions,
        baseUrl,
        servers,
        serversOf: servers,
        scopesOf: async () => world.described,
        principalOf: async ({ principal }) => ({
          uuid: uuidOf(principal.userEntityRef),
        }),
        users: pageUsers(user => user === 'user:default/admin'),
      }),
    );
    app.use('/api/mcp-portal', router);
    app.use(mockErrorHandler());
  }
  return world;
}
