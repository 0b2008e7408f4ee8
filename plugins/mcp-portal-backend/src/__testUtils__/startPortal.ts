import { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  BackendFeature,
  coreServices,
  createServiceFactory,
  RootLoggerService,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import aiModelModule from '@backstage/plugin-catalog-backend-module-ai-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  AuthorizeResult,
  DefinitivePolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import {
  catalogEntities,
  FakeAgentAuth,
  someAgent,
} from '@prompt-corner/backend-testing';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import mcpPortalPlugin from '..';

/** Until servers are ready; some tests have an API with thousands of operations. */
const DEADLINE_MS = 60_000;

/** Where a server is: its URL, of Streamable HTTP unless said otherwise; or an API with its description. */
export type TestRemote =
  | string
  | { url: string; type: 'sse' }
  | { url: string; definition: string };

/** A running backend with a catalog and the portal in it. */
export interface TestPortal {
  url: string;
  agentAuth: FakeAgentAuth;
  /** Gives the catalog other entities than those of the servers. */
  replaceEntities(entities: Entity[]): Promise<void>;
  /** URL of a portal. */
  endpoint(portal?: string): string;
  /** A token of somebody, with which it can connect. */
  tokenOf(agent?: Partial<AgentPrincipal>): string;
  /** A client that is connected. */
  connect(
    agent?: Partial<AgentPrincipal>,
    options?: { portal?: string; era?: 'auto' | 'legacy' },
  ): Promise<Client>;
  stop(): Promise<void>;
}

/** Entity of an MCP server. */
export function serverEntity(
  name: string,
  url: string,
  changes: { annotations?: Record<string, string>; type?: string } = {},
): Entity {
  return {
    apiVersion: 'backstage.io/v1beta1',
    kind: 'API',
    metadata: {
      name,
      description: `Server ${name}`,
      annotations: changes.annotations,
    },
    spec: {
      type: 'mcp-server',
      lifecycle: 'production',
      owner: 'group:default/owners',
      remotes: [{ type: changes.type ?? 'streamable-http', url }],
    },
  };
}

/** Entity of an API that asks to be a server. */
export function apiEntity(
  name: string,
  url: string,
  definition: string,
): Entity {
  return {
    apiVersion: 'backstage.io/v1beta1',
    kind: 'API',
    metadata: {
      name,
      annotations: { 'prompt-corner.dev/api-base-url': url },
    },
    spec: {
      type: 'openapi',
      lifecycle: 'production',
      owner: 'group:default/owners',
      definition,
    },
  };
}

function entityOf(name: string, remote: TestRemote): Entity {
  if (typeof remote === 'string') {
    return serverEntity(name, remote);
  }
  return 'definition' in remote
    ? apiEntity(name, remote.url, remote.definition)
    : serverEntity(name, remote.url, remote);
}

/**
 * Starts a backend whose portal serves servers that the configuration approves.
 *
 * @param options.servers - by name of the server
 * @param options.config - `mcpPortal`, merged over the test's own
 * @param options.backend - `backend`, merged over the test's own
 * @param options.entities - further ones, of servers that nobody approves
 * @param options.mayDo - who may do what, by name of the permission; everybody everything by default
 * @param options.logger - gets what is logged; nobody does otherwise
 */
export async function startPortal(options: {
  servers: Record<string, TestRemote>;
  config?: Record<string, unknown>;
  features?: BackendFeature[];
  backend?: Record<string, unknown>;
  entities?: Entity[];
  mayDo?: (entityRef: string, permission: string) => boolean;
  logger?: RootLoggerService;
}): Promise<TestPortal> {
  const agentAuth = new FakeAgentAuth();
  const { logger } = options;
  const names = Object.keys(options.servers);
  const { servers: configured, ...config } = options.config ?? {};
  const catalog = catalogEntities([
    ...names.map(name => entityOf(name, options.servers[name])),
    ...(options.entities ?? []),
  ]);
  const backend = await startTestBackend({
    features: [
      logger
        ? createServiceFactory({
            service: coreServices.rootLogger,
            deps: {},
            factory: () => logger,
          })
        : mockServices.rootLogger.factory({
            level: (process.env.LOG_LEVEL as 'none') ?? 'none',
          }),
      catalogPlugin,
      aiModelModule,
      catalog.feature,
      mcpPortalPlugin,
      // The mock runs tasks once only.
      schedulerServiceFactory,
      permissions(options.mayDo),
      agentAuth.feature,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost', ...options.backend },
          permission: { enabled: true },
          mcpPortal: {
            registry: { catalogInterval: { seconds: 1 } },
            ...config,
            servers: Object.fromEntries(
              names.map(name => [
                name,
                {
                  entityRef: `api:default/${name}`,
                  approved: true,
                  defaultClass: 'suggested',
                  ...(configured as Record<string, object>)?.[name],
                },
              ]),
            ),
          },
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const { port } = backend.server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const endpoint = (portal = 'default') => `${url}/api/mcp-portal/v1/${portal}`;
  const tokenOf = (agent: Partial<AgentPrincipal> = {}) => {
    const token = randomUUID();
    agentAuth.giveToken(
      token,
      someAgent({ scopes: new Set(['tools:read', 'tools:write']), ...agent }),
    );
    return token;
  };
  const portal: TestPortal = {
    url,
    agentAuth,
    replaceEntities: catalog.replace,
    endpoint,
    tokenOf,
    async connect(agent, { portal: name, era = 'auto' } = {}) {
      const client = new Client(
        { name: 'test', version: '1' },
        { versionNegotiation: { mode: era } },
      );
      const transport = new StreamableHTTPClientTransport(
        new URL(endpoint(name)),
        {
          requestInit: {
            headers: { authorization: `Bearer ${tokenOf(agent)}` },
          },
        },
      );
      await client.connect(transport);
      return client;
    },
    stop: () => backend.stop(),
  };
  await waitForServers(portal, names);
  return portal;
}

/** Servers are approved when the catalog has them and they have been asked. */
async function waitForServers(
  portal: TestPortal,
  names: string[],
): Promise<void> {
  const client = await portal.connect();
  const deadline = Date.now() + DEADLINE_MS;
  // What was approved is seen when the registry has been read again.
  let before = '';
  for (;;) {
    const { structuredContent } = await client.callTool({
      name: 'portal_list_servers',
      arguments: {},
    });
    const { servers } = structuredContent as {
      servers: Array<{ name: string; state: string }>;
    };
    const ready = names.every(name =>
      servers.some(
        server => server.name === name && server.state !== 'unknown',
      ),
    );
    const now = JSON.stringify(servers);
    if (ready && now === before) {
      await client.close();
      return;
    }
    before = now;
    if (Date.now() > deadline) {
      throw new Error(`Servers are missing: ${now}`);
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

function permissions(
  mayDo: (entityRef: string, permission: string) => boolean = () => true,
) {
  const decide = async (
    questions: Array<{ permission: { name: string } }>,
    { credentials }: any,
  ): Promise<DefinitivePolicyDecision[]> =>
    questions.map(({ permission }) => ({
      result: mayDo(credentials?.principal?.userEntityRef, permission.name)
        ? AuthorizeResult.ALLOW
        : AuthorizeResult.DENY,
    }));
  return createServiceFactory({
    service: coreServices.permissions,
    deps: {},
    factory: () => ({ authorize: decide, authorizeConditional: decide }),
  });
}
