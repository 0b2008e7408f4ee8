import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { AddressInfo } from 'node:net';
import {
  BackendFeature,
  createBackendModule,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import { FakeAgentAuth, someAgent } from '@prompt-corner/backend-testing';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type { Knex } from 'knex';
import aiProxyPlugin from '..';

/** A running backend with the proxy in it. */
export interface TestProxy {
  /** Of the backend. */
  url: string;
  /** Of the proxy. */
  base: string;
  agentAuth: FakeAgentAuth;
  notifications: NotificationSendOptions[];
  /** The plugin's own. */
  database(): Promise<Knex>;
  /** A token of somebody. */
  tokenOf(agent?: Partial<AgentPrincipal>): string;
  /** Asks the proxy something, with a token of somebody unless the headers have one. */
  ask(
    path: string,
    body?: unknown,
    init?: RequestInit & { agent?: Partial<AgentPrincipal> },
  ): Promise<Response>;
  /** The next time that the connection of a client is closed. */
  departure(): Promise<unknown>;
  /** Usage events that have been stored, when there are so many. */
  events(count: number): Promise<Array<Record<string, any>>>;
  /** The usage event of the first request of somebody, when it has been stored. */
  eventOf(uuid: string): Promise<Record<string, any>>;
  /** Waits until so much of somebody's own budget is spent. */
  untilSpent(uuid: string, budget: string, amount: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a backend with the proxy.
 *
 * @param options.config - `aiProxy`
 * @param options.entities - of the catalog
 */
export async function startProxy(options: {
  config: Record<string, unknown>;
  entities?: Entity[];
  features?: BackendFeature[];
}): Promise<TestProxy> {
  const agentAuth = new FakeAgentAuth();
  const notifications: NotificationSendOptions[] = [];
  let database: Promise<Knex> | undefined;
  const backend = await startTestBackend({
    features: [
      mockServices.rootLogger.factory({
        level: (process.env.LOG_LEVEL as 'none') ?? 'none',
      }),
      aiProxyPlugin,
      agentAuth.feature,
      catalogServiceMock.factory({ entities: options.entities ?? [] }),
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({
          send: async sent => {
            notifications.push(sent);
          },
        }),
      }),
      createBackendModule({
        pluginId: 'ai-proxy',
        moduleId: 'test-database',
        register: module =>
          module.registerInit({
            deps: { service: coreServices.database },
            async init({ service }) {
              database = service.getClient();
            },
          }),
      }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost' },
          permission: { enabled: true },
          aiProxy: { models: { url: false }, ...options.config },
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const departures = new EventEmitter();
  backend.server.on('connection', socket =>
    socket.once('close', () => departures.emit('departure')),
  );
  const { port } = backend.server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const base = `${url}/api/ai-proxy`;
  const tokenOf = (agent: Partial<AgentPrincipal> = {}) => {
    const token = randomUUID();
    agentAuth.giveToken(
      token,
      someAgent({ scopes: new Set(['models:use']), ...agent }),
    );
    return token;
  };
  return {
    url,
    base,
    agentAuth,
    notifications,
    database: () => database!,
    tokenOf,
    ask: (path, body, { agent, ...init } = {}) =>
      fetch(`${base}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        body: body === undefined ? undefined : JSON.stringify(body),
        ...init,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokenOf(agent)}`,
          ...init.headers,
        },
      }),
    departure: () => once(departures, 'departure'),
    async events(count) {
      const knex = await database!;
      for (;;) {
        const rows = await knex('usage_events').select();
        if (rows.length >= count) {
          return rows.map(row => row);
        }
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async eventOf(uuid) {
      const knex = await database!;
      for (;;) {
        const [event] = await knex('usage_events').where({ principal: uuid });
        if (event) {
          return event;
        }
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async untilSpent(uuid, budget, amount) {
      const knex = await database!;
      for (;;) {
        const [row] = await knex('budget_buckets')
          .where({ value: uuid, budget })
          .select('spent');
        if (Number(row?.spent) === amount) {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
    stop: () => backend.stop(),
  };
}
