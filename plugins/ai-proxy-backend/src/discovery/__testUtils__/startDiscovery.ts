import {
  createMockDirectory,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import {
  AgentAuthenticationError,
  AgentPrincipal,
} from '@prompt-corner/plugin-agent-auth-node';
import type { OfferedModel } from '@prompt-corner/agent-config';
import express from 'express';
import createKnex from 'knex';
import { createDiscovery, DiscoveryOptions } from '../createDiscovery';
import { MIGRATIONS } from './migrations';

/** A model that calls tools. */
export function someModel(
  api: OfferedModel['api'],
  id: string,
  changes: Partial<OfferedModel> = {},
): OfferedModel {
  return {
    api,
    id,
    name: id,
    limits: { context: 200_000, output: 64_000 },
    capabilities: {
      reasoning: true,
      toolCalls: true,
      attachments: true,
      temperature: true,
      inputModalities: ['text'],
      outputModalities: ['text'],
    },
    prices: { input: 3, output: 15 },
    ...changes,
  };
}

/** Members of teams, by their tokens. */
const CALLERS: Record<string, string[]> = {
  ada: ['group:default/platform-team'],
  linus: ['group:default/payments-team', 'group:default/technology'],
};

/** Who a request's token is for. */
export async function authenticateCaller({
  headers,
}: express.Request): Promise<AgentPrincipal> {
  const name = headers.authorization?.replace('Bearer ', '') ?? '';
  if (!CALLERS[name]) {
    throw new AgentAuthenticationError(
      'invalid_token',
      'The token is unknown, expired or revoked. Sign in again',
    );
  }
  return { uuid: name, teams: CALLERS[name] } as unknown as AgentPrincipal;
}

/** Discovery behind express, with its sources in a temporary folder. */
export function useDiscovery() {
  const folder = createMockDirectory();
  const stops: Array<() => unknown> = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) {
      await stop();
    }
    folder.clear();
  });

  return {
    folder,
    async start(changes: Partial<DiscoveryOptions> = {}) {
      const database = createKnex({
        client: 'better-sqlite3',
        connection: ':memory:',
        useNullAsDefault: true,
      });
      stops.push(() => database.destroy());
      await database.migrate.latest(MIGRATIONS);
      const models = [
        someModel('anthropic', 'claude-sonnet-5-5'),
        someModel('anthropic', 'claude-haiku-4-5'),
        someModel('openai', 'gpt-6.1-sol'),
      ];
      const discovery = createDiscovery({
        config: {
          source: { kind: 'directory', directory: folder.path },
          intervalMs: 60_000,
          whenSignedOut: 'continue',
        },
        database,
        logger: mockServices.logger.mock(),
        scheduler: mockServices.scheduler.mock(),
        urlReader: mockServices.urlReader.mock(),
        urls: {
          baseURL: 'https://portal.example.com/api/ai-proxy',
          rootURL: 'https://portal.example.com/',
          issuer: 'https://portal.example.com/api/agent-auth',
        },
        models: () => models,
        authenticate: authenticateCaller,
        mayUse: ({ uuid }, { id }) => uuid === 'linus' || id !== 'gpt-6.1-sol',
        ...changes,
      });
      await discovery.start();
      const app = express()
        .use('/.well-known/opencode', discovery.wellKnown)
        .use('/api/ai-proxy', discovery.router)
        .use(
          '/api/ai-proxy/anthropic/managed/settings',
          discovery.managedSettings,
        )
        .use(mockErrorHandler());
      return { discovery, app, database };
    },
  };
}
