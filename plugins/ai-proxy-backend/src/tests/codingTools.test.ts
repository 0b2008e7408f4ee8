import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  createMockDirectory,
  mockServices,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  chatCompletion,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

const UUID = '5f1c0c5e-0000-4000-8000-000000000001';

const SHOP: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'shop', namespace: 'default' },
  relations: [{ type: 'partOf', targetRef: 'system:default/sales' }],
};

let provider: TestProvider;
let proxy: TestProxy;

beforeAll(async () => {
  provider = await startProvider((_, response) =>
    sendJson(response, chatCompletion()),
  );
  const keys = [{ value: 'provider-key' }];
  proxy = await startProxy({
    config: {
      providers: {
        anthropic: { baseUrl: `${provider.url}/v1`, keys },
        openai: { baseUrl: `${provider.url}/v1`, keys },
        compat: { baseUrl: `${provider.url}/v1` },
      },
      models: {
        url: false,
        own: [
          { provider: 'compat', id: 'ours' },
          {
            provider: 'compat',
            id: 'our-embedding',
            capabilities: { toolCalls: false },
          },
        ],
      },
      policy: {
        policies: `@id("no-gpt") forbid (principal, action, resource)
          when { resource in Provider::"openai" }
          unless { context has component && context.component == Component::"component:default/shop" };`,
      },
    },
    entities: [SHOP],
  });
});

afterAll(async () => {
  await proxy.stop();
  await provider.stop();
});

beforeEach(() => {
  provider.requests.length = 0;
});

describe('the component on which a client works', () => {
  const MESSAGES = [{ role: 'user', content: 'Hello' }];
  const ask = (
    api: 'anthropic' | 'openai',
    metadata?: unknown,
    headers: Record<string, string> = {},
  ) =>
    proxy.ask(
      api === 'openai'
        ? '/openai/v1/chat/completions'
        : '/anthropic/v1/messages',
      { model: 'gpt-5.2', max_tokens: 9, messages: MESSAGES, metadata },
      { headers },
    );
  const componentsOf = async (count: number) => {
    await proxy.events(count);
    const database = await proxy.database();
    return database('usage_events as e')
      .join('usage_series as s', 's.series', 'e.series')
      .orderBy('e.at', 'desc')
      .limit(1)
      .first('component', 'system');
  };

  it('is taken from the header or the body, decides, and is not told to the provider', async () => {
    expect((await ask('openai')).status).toBe(403);
    expect((await ask('openai', {}, { 'x-component': 'Shop' })).status).toBe(
      200,
    );
    const named = { component: 'component:default/shop' };
    expect((await ask('openai', named)).status).toBe(200);
    expect((await ask('openai', { ...named, run: 'a' })).status).toBe(200);
    expect(
      (await ask('anthropic', { ...named, user_id: 'device' })).status,
    ).toBe(200);
    expect(
      provider.requests.map(({ body }) => JSON.parse(String(body)).metadata),
    ).toEqual([{}, null, { run: 'a' }, { user_id: UUID }]);
    expect(await componentsOf(5)).toEqual({
      component: 'component:default/shop',
      system: 'system:default/sales',
    });
  });

  it.each([
    'system:default/sales',
    'component:default/none',
    'a'.repeat(10_000),
    '__proto__',
    'a:b:c/d',
    '',
  ])('is none where the catalog has no such (%#)', async component => {
    const headers = { 'x-component': component };
    expect((await ask('openai', undefined, headers)).status).toBe(403);
    expect((await ask('openai', { component })).status).toBe(403);
    expect((await ask('openai', { component: [component] })).status).toBe(403);
    // What the header has wrong does not keep the body from being right.
    const right = { component: 'shop' };
    expect((await ask('openai', right, headers)).status).toBe(200);
  });
});

describe('addresses in configurations', () => {
  const directory = createMockDirectory({
    content: { 'mcp.yaml': "portal: { url: '{rootURL}/mcp?at={baseURL}' }" },
  });

  it('are those of the portal and of the proxy, wherever the proxy is', async () => {
    const elsewhere = await startProxy({
      config: { discovery: { directory: directory.path } },
      features: [
        createServiceFactory({
          service: coreServices.discovery,
          deps: {},
          factory: () => ({
            getBaseUrl: async id => `http://localhost/${id}`,
            getExternalBaseUrl: async id => `https://ai.example.com/p/${id}`,
          }),
        }),
      ],
    });
    const response = await fetch(`${elsewhere.url}/.well-known/opencode`);
    const { config } = await response.json();
    expect(config.mcp.portal.url).toBe(
      'http://localhost/mcp?at=https://ai.example.com/p/ai-proxy',
    );
    await elsewhere.stop();
  });
});

describe('OpenCode', () => {
  it('is told nothing at the root before it is known what the organisation permits', async () => {
    let early: number | undefined;
    const started = await startProxy({
      config: { discovery: { url: 'https://git.example.com/agent-config' } },
      features: [
        createServiceFactory({
          service: coreServices.urlReader,
          deps: { discovery: coreServices.discovery },
          factory: ({ discovery }) =>
            mockServices.urlReader.mock({
              readTree: async () => {
                const base = await discovery.getBaseUrl('ai-proxy');
                const url = new URL('/.well-known/opencode', base);
                early = (await fetch(url)).status;
                return {
                  etag: '1',
                  files: async () => [
                    {
                      path: 'permissions.yaml',
                      content: async () => Buffer.from('edit: deny'),
                    },
                  ],
                } as never;
              },
            }),
        }),
      ],
    });
    expect(early).toBe(404);
    const response = await fetch(`${started.url}/.well-known/opencode`);
    const { config } = await response.json();
    expect(config.permission).toEqual({ edit: 'deny' });
    await started.stop();
  });

  it('is told how to sign in again when its token has ended, and others are not', async () => {
    const message = async (userAgent: string) => {
      const response = await proxy.ask(
        '/openai/v1/chat/completions',
        {},
        { headers: { authorization: 'Bearer old', 'user-agent': userAgent } },
      );
      expect(response.status).toBe(401);
      return (await response.json()).error.message;
    };
    expect(await message('opencode/1.18.34 ai-sdk/openai/2.0')).toMatch(
      /\. Run: opencode auth login http:\/\/localhost(?::\d+)?\/api\/ai-proxy$/,
    );
    expect(await message('codex/1')).not.toContain('opencode');
  });

  it('finds the models in the shape of models.dev without a token, as far as everybody may know them', async () => {
    const url = `${proxy.base}/models/api.json`;
    const models = async (init?: RequestInit) => {
      const response = await fetch(url, init);
      const body = await response.json();
      return { status: response.status, body };
    };
    const everybody = await models();
    expect(everybody.status).toBe(200);
    expect(Object.keys(everybody.body)).toEqual([
      'anthropic',
      'openai',
      'compat',
    ]);
    expect(Object.keys(everybody.body.compat.models)).toEqual(['ours']);
    const own = await models({
      headers: { authorization: `Bearer ${proxy.tokenOf()}` },
    });
    expect(Object.keys(own.body.compat.models)).toContain('our-embedding');
    const ended = await models({ headers: { authorization: 'Bearer old' } });
    expect(ended.status).toBe(401);
  });
});
