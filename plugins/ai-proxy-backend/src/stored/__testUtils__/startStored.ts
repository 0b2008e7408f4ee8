import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { someAgent } from '@prompt-corner/backend-testing';
import {
  AgentAuthenticationError,
  AgentPrincipal,
} from '@prompt-corner/plugin-agent-auth-node';
import type {
  CatalogueModel,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import type { BatchAmount } from '../../batches';
import { migrate } from '../../database/migrate';
import { Answerers, createHandler } from '../../endpoint';
import { readPromptGuards } from '../../guards';
import { PromptReader } from '../../prompts';
import { BodyRoom } from '../../bodies';
import { createMeter, InputEstimates } from '../../metering';
import { Ownership, OwnershipStore } from '../../ownership';
import { readProviders, Routes } from '../../providers';
import { InferenceRequests, InferenceStages, worstCase } from '../../requests';
import { Upstreams } from '../../upstream';
import { RefusedError } from '../../wire';
import { createStored } from '../createStored';
import { FakeProvider } from './fakeProvider';

export const ALICE = '11111111-1111-4111-8111-111111111111';
export const BOB = '22222222-2222-4222-8222-222222222222';

/** In 10^-9 US dollars for a token. */
export const INPUT_PRICE = 1_000;
export const OUTPUT_PRICE = 5_000;

/** A proxy with what providers keep, and with inference, before providers that a test looks into. */
export interface TestProxy {
  url: string;
  provider: FakeProvider;
  events: UsageEvent[];
  /** What was set aside for batches. */
  reservations: Array<{
    model: string;
    amount: BatchAmount;
    /** What it took in the end. */
    settled?: BatchAmount;
  }>;
  ownership: Ownership;
  /** That requests take in memory. */
  room: BodyRoom;
  stored: ReturnType<typeof createStored>;
  database: Knex;
  /** What policy says no to. */
  denied: Set<string>;
  /** Asks as somebody: `alice` or `bob`. */
  as(
    user: 'alice' | 'bob',
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** A further replica, which shares the database and the provider. */
  replica(): Promise<TestProxy>;
  /** Forgets what a test has left. */
  reset(): void;
  stop(): Promise<void>;
}

const principals: Record<string, AgentPrincipal> = {
  alice: someAgent({ uuid: ALICE, scopes: new Set(['models:use']) }),
  bob: someAgent({ uuid: BOB, scopes: new Set(['models:use']) }),
};

/** Starts one. */
export async function startStored(options: {
  database: Knex;
  config?: JsonObject;
  provider?: FakeProvider;
  /** Above that of `OUTPUT_PRICE`: a price of its own for batches. */
  batchPrice?: boolean;
}): Promise<TestProxy> {
  const { database, config: section = {} } = options;
  await migrate(database);
  const provider = options.provider ?? (await new FakeProvider().start());
  const config = new ConfigReader({
    aiProxy: {
      providers: {
        anthropic: providerAt(`${provider.url}/v1`),
        openai: {
          ...providerAt(`${provider.url}/v1`),
          retention: { except: ['stored-*'] },
        },
        google: {
          ...providerAt(`${provider.url}/v1beta`),
          api: 'google-ai-studio',
        },
      },
      ...section,
    },
  });
  const providers = readProviders(config);
  const routes = new Routes({ providers, config, aliasOf: () => undefined });
  const upstreams = new Upstreams();
  const logger = mockServices.logger.mock();
  const events: UsageEvent[] = [];
  const reservations: TestProxy['reservations'] = [];
  const denied = new Set<string>();
  const denial = (what: string) =>
    denied.has(what)
      ? { reason: 'policy:test', message: `Policy forbids ${what}` }
      : undefined;

  const room = new BodyRoom(64 * 1024 * 1024);
  const base = {
    routes,
    upstreams,
    maxBodyBytes: 1024 * 1024,
    room,
    forwardedHeaders: [],
    find: ({ model }) => catalogueModel(model, options.batchPrice),
    prompts: new PromptReader(),
    inputEstimates: new InputEstimates(),
    deny: (_, { model }) => denial(model),
    guards: readPromptGuards(config),
    worstCaseOf: (_, asked, inputTokens, json) =>
      worstCase(asked, undefined, inputTokens, json),
    reserve: () => ({ settle: () => {} }),
    createMeter: (format, inputTokensEstimate) =>
      createMeter({
        format,
        inputTokensEstimate,
      }),
    costOf: ({ model }, { tokens, serviceTier }) => {
      const factor = model.startsWith('dear') ? 10 : 1;
      const full =
        factor *
        (tokens.inputTokens * INPUT_PRICE + tokens.outputTokens * OUTPUT_PRICE);
      const costNanoUsd = serviceTier === 'batch' ? full / 10 : full;
      return { costNanoUsd, undiscountedNanoUsd: costNanoUsd };
    },
    record: event => events.push(event),
  } satisfies Partial<InferenceStages>;

  const server = http.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const ownershipStore = new OwnershipStore(database);
  const ownership = new Ownership({ store: ownershipStore, logger });
  const stored = createStored({
    config,
    database,
    logger,
    providers,
    upstreams,
    forwardedHeaders: [],
    ownershipStore,
    ownership,
    baseUrl: url,
    deny: (_, { name }, action) => denial(`${action} of ${name}`),
    stages: {
      ...base,
      reserveBatch: (_, { model }, amount) => {
        if (denied.has(`budget of ${model}`)) {
          const message = 'Used up';
          throw new RefusedError({ status: 429, reason: 'budget', message });
        }
        const reservation: TestProxy['reservations'][number] = {
          model,
          amount,
        };
        reservations.push(reservation);
        return {
          settle: actual => {
            reservation.settled ??= actual;
          },
        };
      },
    },
  });
  const inference = new InferenceRequests({
    ...base,
    placeOf: ({ principal }, chain, { references }) =>
      ownership.checkReferences(
        principal.uuid,
        chain.map(one => one.provider.name),
        references,
      ),
    keepResponse: (exchange, { candidate, target }, { id, tokens }) =>
      ownership.keep({
        provider: candidate.provider.name,
        kind: 'response',
        id,
        principal: exchange.principal.uuid,
        target: target.name,
        createdAtMs: Date.now(),
        detail: { tokens },
      }),
  });
  const handler = createHandler({
    agentAuth: {
      authenticate: async ({ headers }: http.IncomingMessage) => {
        const [, name] =
          /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
        if (!principals[name]) {
          throw new AgentAuthenticationError('missing_token', 'Sign in');
        }
        return principals[name];
      },
    },
    audience: url,
    further: [],
    components: { find: () => ({}) },
    answerers: {
      ...stored.answerers,
      inference: (exchange, operation) => inference.handle(exchange, operation),
      count: (exchange, operation) => inference.handle(exchange, operation),
    } as Partial<Answerers> as Answerers,
    logger,
  } as unknown as Parameters<typeof createHandler>[0]);
  server.on('request', (request, response) =>
    handler(request as any, response as any, () => {
      response.writeHead(404).end();
    }),
  );

  return {
    url,
    provider,
    events,
    reservations,
    ownership,
    room,
    stored,
    database,
    denied,
    as(user, method, path, body, headers = {}) {
      const isPlain =
        body !== undefined &&
        !(body instanceof FormData) &&
        typeof body !== 'string';
      return fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${user}`,
          ...(isPlain && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: isPlain ? JSON.stringify(body) : (body as FormData | string),
      });
    },
    replica: () => startStored({ ...options, provider }),
    reset() {
      denied.clear();
      provider.intercept = undefined;
      provider.asked.length = 0;
      provider.objects.clear();
      provider.cut = 0;
      events.length = 0;
      reservations.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      upstreams.connections.close();
      if (!options.provider) {
        await provider.stop();
      }
    },
  };
}

function providerAt(baseUrl: string) {
  return {
    baseUrl,
    keys: [{ name: 'main', value: 'provider-key' }],
    retries: { attempts: 0 },
  };
}

function catalogueModel(id: string, batchPrice = false): CatalogueModel {
  const prices = { input: 1, output: 5 };
  return {
    id,
    provider: 'any',
    name: id,
    limits: { output: 1_000 },
    capabilities: { reasoning: false } as CatalogueModel['capabilities'],
    prices: {
      ...prices,
      ...(batchPrice && { serviceTiers: { batch: prices } }),
    },
  };
}

/** A form with a file, as OpenAI's SDK sends it. */
export function fileForm(
  content: string,
  fields: Record<string, string> = { purpose: 'user_data' },
  filename = 'notes.txt',
): FormData {
  const form = new FormData();
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  form.append('file', new Blob([content]), filename);
  return form;
}
