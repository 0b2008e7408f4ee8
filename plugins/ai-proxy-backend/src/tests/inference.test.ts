import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import http from 'node:http';
import {
  chatCompletion,
  ProviderAnswer,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

const UUID = '5f1c0c5e-0000-4000-8000-000000000001';

let provider: TestProvider;
let proxy: TestProxy;
let answer: ProviderAnswer;

beforeAll(async () => {
  provider = await startProvider((...args) => answer(...args));
  const keys = [{ value: 'provider-key' }];
  proxy = await startProxy({
    config: {
      providers: {
        anthropic: { baseUrl: `${provider.url}/v1`, keys },
        openai: { baseUrl: `${provider.url}/v1`, keys },
        'google-ai-studio': { baseUrl: `${provider.url}/v1beta`, keys },
        compat: {
          baseUrl: `${provider.url}/v1`,
          gateway: { kind: 'cloudflare', token: 'gateway-token' },
        },
      },
      models: {
        url: false,
        deny: ['openai/gpt-4'],
        aliases: {
          fast: 'openai/gpt-5-mini',
          embedding: 'google-ai-studio/gemini-embedding-001',
        },
      },
      routes: [{ api: 'openai', method: 'POST', path: '/moderations' }],
      prices: [
        {
          provider: 'anthropic',
          models: ['*'],
          toolRequests: { webSearch: 10 },
        },
      ],
      budgets: [
        {
          name: 'small',
          unit: 'requests',
          limit: 2,
          window: 'day',
          per: 'user',
          match: { models: ['limited-*'] },
        },
      ],
    },
  });
});

afterAll(async () => {
  await proxy.stop();
  await provider.stop();
});

beforeEach(() => {
  provider.requests.length = 0;
  answer = (_, response) => sendJson(response, chatCompletion());
});

const chat = (changes: object = {}) => ({
  model: 'gpt-5.2',
  messages: [{ role: 'user', content: 'Hello' }],
  ...changes,
});

describe('a request to a model', () => {
  it('reaches the provider with its own key, and comes back byte for byte', async () => {
    const text = '{ "id":"x",\n"usage":{"prompt_tokens":1.0} }';
    answer = (_, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': 'req_1',
      });
      response.end(text);
    };
    const response = await proxy.ask('/openai/v1/chat/completions', chat(), {
      headers: { cookie: 'a=b', 'x-codex-turn-metadata': '/home/ada' },
    });
    expect(await response.text()).toBe(text);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe('req_1');
    expect(response.headers.get('cache-control')).toContain('no-transform');
    const [{ headers, url }] = provider.requests;
    expect(url).toBe('/v1/chat/completions');
    expect(headers).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      authorization: 'Bearer provider-key',
      connection: 'keep-alive',
      'content-length': expect.any(String),
      'content-type': 'application/json',
      host: new URL(provider.url).host,
      'user-agent': 'ai-proxy',
    });
  });

  it.each([
    ['authorization', (token: string) => `Bearer ${token}`],
    ['x-api-key', (token: string) => token],
    ['x-goog-api-key', (token: string) => token],
  ])('takes the token from %s', async (header, write) => {
    const response = await fetch(`${proxy.base}/openai/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(chat()),
      headers: { [header]: write(proxy.tokenOf()) },
    });
    expect(response.status).toBe(200);
  });

  it('tells each provider the UUID where its API has a place for it', async () => {
    await proxy.ask(
      '/openai/v1/chat/completions',
      chat({ prompt_cache_retention: '24h' }),
    );
    await proxy.ask('/openai/v1/responses', {
      model: 'gpt-5.2',
      input: 'Hello',
      user: 'ada@lantern.example',
    });
    await proxy.ask('/anthropic/v1/messages', {
      model: 'claude-opus-4-5',
      max_tokens: 10,
      metadata: { user_id: '{"device_id":"laptop-1"}' },
      messages: [],
    });
    await proxy.ask('/compat/chat/completions', chat({ user: 'ada' }));
    const [chatBody, responses, messages, compat] = provider.requests;
    expect(chatBody.json).toMatchObject({
      safety_identifier: UUID,
      store: false,
      prompt_cache_retention: 'in_memory',
    });
    expect(responses.json).toMatchObject({
      safety_identifier: UUID,
      user: UUID,
      store: false,
      include: ['reasoning.encrypted_content'],
    });
    expect(messages.json.metadata).toEqual({ user_id: UUID });
    expect(compat.headers).toMatchObject({
      'cf-aig-metadata': `{"userId":"${UUID}"}`,
      'cf-aig-authorization': 'Bearer gateway-token',
    });
  });

  it('keeps a prompt out of caches of a day only where the model can do without', async () => {
    for (const model of ['gpt-5.1', 'GPT-5.1', 'gpt-5.5', 'gpt-5.6-sol']) {
      await proxy.ask('/openai/v1/responses', {
        model,
        input: 'Hello',
        prompt_cache_retention: '24h',
      });
    }
    expect(
      provider.requests.map(({ json }) => json.prompt_cache_retention),
    ).toEqual(['in_memory', 'in_memory', '24h', '24h']);
  });

  it.each(['openai', 'compat'])(
    'leaves at home what Codex tells of machines: %s',
    async api => {
      const client_metadata = {
        'x-codex-installation-id': 'dba54a16-3101-44da-ab79-4523ab76ca33',
        'x-codex-turn-metadata': '{"workspaces":{"/home/ada/secret":{}}}',
      };
      await proxy.ask(`/${api}/v1/responses`, {
        model: 'gpt-5.2',
        input: 'Hello',
        client_metadata,
      });
      expect(provider.requests[0].json.client_metadata).toEqual({});
    },
  );

  it('asks Gemini by the path', async () => {
    answer = (_, response) => sendJson(response, { candidates: [] });
    const response = await proxy.ask(
      '/google-ai-studio/v1beta/models/gemini-2.5-pro:generateContent?alt=json&key=secret',
      { contents: [] },
    );
    expect(response.status).toBe(200);
    expect(provider.requests[0].url).toBe(
      '/v1beta/models/gemini-2.5-pro:generateContent?alt=json',
    );
    expect(provider.requests[0].headers['x-goog-api-key']).toBe('provider-key');
  });

  it.each([
    ['alt=sse', 200],
    ['$alt=json;enum-encoding=int', 200],
    ['alt=proto', 400],
    ['alt=sse&%24alt=proto', 400],
    ['alt=sse&fields=candidates', 400],
    ['$fields=candidates', 400],
    ['callback=x', 400],
  ])(
    'is let through to Gemini so that usage is told: %s',
    async (query, status) => {
      const response = await proxy.ask(
        `/google-ai-studio/v1beta/models/gemini-3-pro:generateContent?${query}&$key=x`,
        { contents: [] },
      );
      expect(response.status).toBe(status);
      expect(provider.requests).toHaveLength(status === 200 ? 1 : 0);
      expect(provider.requests[0]?.url ?? '').not.toContain('key');
    },
  );

  it('is refused in the words of the API, and not sent again', async () => {
    const wrong = { headers: { authorization: 'Bearer wrong' } };
    const openai = await proxy.ask(
      '/openai/v1/chat/completions',
      chat(),
      wrong,
    );
    expect(openai.status).toBe(401);
    expect(openai.headers.get('x-should-retry')).toBe('false');
    expect((await openai.json()).error.type).toBe('authentication_error');

    const anthropic = await proxy.ask('/anthropic/v1/messages', {}, wrong);
    expect(await anthropic.json()).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error' },
    });
    const google = await proxy.ask(
      '/google-ai-studio/v1beta/models/m:generateContent?key=abc',
      {},
      { headers: { authorization: '' } },
    );
    expect((await google.json()).error).toMatchObject({
      code: 401,
      status: 'UNAUTHENTICATED',
      message: expect.stringContaining('header'),
    });
    expect(provider.requests).toHaveLength(0);
  });

  it('is refused for models that are denied, or beyond the grant', async () => {
    const denied = await proxy.ask(
      '/openai/v1/chat/completions',
      chat({ model: 'gpt-4' }),
    );
    expect(denied.status).toBe(403);
    const granted = await proxy.ask('/openai/v1/chat/completions', chat(), {
      agent: { limits: { models: ['gpt-5-mini'] } },
    });
    expect(granted.status).toBe(403);
    expect((await granted.json()).error.message).toContain('gpt-5-mini');
    expect(provider.requests).toHaveLength(0);
  });

  it.each([
    ['/openai/v1/chat/completions', { models: ['gpt-5-mini', 'gpt-4'] }],
    ['/openai/v1/chat/completions', { fallbacks: [{ model: 'gpt-4' }] }],
    [
      '/openai/v1/responses',
      { tools: [{ type: 'image_generation', model: 'gpt-4' }] },
    ],
    [
      '/anthropic/v1/messages',
      { tools: [{ type: 'advisor_20260301', model: 'gpt-4' }] },
    ],
    ['/anthropic/v1/messages', { fallbacks: [{ model: 'gpt-4' }] }],
  ])(
    'is refused where the provider would ask a model that is denied: %s, %j',
    async (path, changes) => {
      const response = await proxy.ask(path, chat(changes), {
        agent: { limits: { models: ['gpt-5*'] } },
      });
      expect([400, 403]).toContain(response.status);
      expect(await response.text()).toContain('gpt-4');
      expect(provider.requests).toHaveLength(0);
    },
  );

  it('goes to the model that an alias stands for', async () => {
    await proxy.ask('/openai/v1/chat/completions', chat({ model: 'fast' }));
    expect(provider.requests[0].json.model).toBe('gpt-5-mini');
  });

  it('goes to the model that an alias stands for, also within the body of Gemini', async () => {
    const path = '/google-ai-studio/v1beta/models/embedding';
    await proxy.ask(`${path}:batchEmbedContents`, {
      requests: [{ model: 'models/embedding', content: {} }],
    });
    await proxy.ask(`${path}:countTokens`, {
      generateContentRequest: { model: 'models/embedding', contents: [] },
    });
    const model = 'models/gemini-embedding-001';
    const [embed, count] = provider.requests;
    expect(embed.url).toBe(`/v1beta/${model}:batchEmbedContents`);
    expect(embed.json).toEqual({ requests: [{ model, content: {} }] });
    expect(count.json.generateContentRequest.model).toBe(model);
  });

  it('is refused with what is stored, where nothing is to be stored', async () => {
    const response = await proxy.ask('/openai/v1/responses', {
      model: 'gpt-5.2',
      input: 'Hello',
      background: true,
    });
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain('background');
  });

  it('is refused with a file of somebody else', async () => {
    const response = await proxy.ask('/anthropic/v1/messages', {
      model: 'claude-opus-4-5',
      max_tokens: 10,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'file', file_id: 'file_1' } },
          ],
        },
      ],
    });
    expect(response.status).toBe(404);
    expect(provider.requests).toHaveLength(0);
  });

  it('notes what guardrails found, also where nothing is done about it', async () => {
    const uuid = randomUUID();
    const messages = [{ role: 'user', content: 'Write to jane@example.org' }];
    const response = await proxy.ask(
      '/openai/v1/chat/completions',
      chat({ messages }),
      { agent: { uuid } },
    );
    expect(response.status).toBe(200);
    expect(provider.requests[0].body.toString()).toContain('jane@example.org');
    expect((await proxy.eventOf(uuid)).detectors).toContain('email');
  });

  it('is counted as the most that it may take where it goes on in the background', async () => {
    const uuid = randomUUID();
    answer = (_, response) =>
      sendJson(response, { id: 'resp_1', status: 'queued', usage: null });
    const response = await proxy.ask(
      '/compat/responses',
      {
        model: 'gpt-5.2',
        input: 'Hello',
        background: true,
        max_output_tokens: 5_000,
      },
      { agent: { uuid } },
    );
    expect(response.status).toBe(200);
    const event = await proxy.eventOf(uuid);
    expect(event.usage_source).toBe('estimated');
    expect(Number(event.output_tokens)).toBe(5_000);
  });

  it('is charged for what the provider searched the web', async () => {
    const uuid = randomUUID();
    answer = (_, response) =>
      sendJson(response, {
        type: 'message',
        model: 'claude-opus-4-5',
        usage: {
          input_tokens: 0,
          output_tokens: 0,
          server_tool_use: { web_search_requests: 4 },
        },
      });
    await proxy.ask(
      '/anthropic/v1/messages',
      { model: 'claude-opus-4-5', max_tokens: 10, messages: [] },
      { agent: { uuid } },
    );
    expect(Number((await proxy.eventOf(uuid)).cost_nano_usd)).toBe(0.04e9);
  });

  it('leaves secrets at home', async () => {
    const secret = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    await proxy.ask(
      '/openai/v1/chat/completions',
      chat({ messages: [{ role: 'user', content: `Use ${secret} now` }] }),
    );
    expect(provider.requests[0].body.toString()).not.toContain(secret);
    expect(provider.requests[0].json.messages[0].content).toMatch(
      /^Use .* now$/,
    );
  });

  it.each([
    ['{"model":"a","model":"b"}', 400],
    ['{"model":"a","messages":[{"role":"user","role":"system"}]}', 400],
    ['{"model":', 400],
    ['[]', 400],
    ['{}', 400],
  ])('is refused when its body is %s', async (body, status) => {
    const response = await fetch(`${proxy.base}/openai/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${proxy.tokenOf()}` },
    });
    expect(response.status).toBe(status);
    expect((await response.json()).error.message).toBeTruthy();
    expect(provider.requests).toHaveLength(0);
  });

  it('is refused at routes that nobody allows', async () => {
    const response = await proxy.ask('/openai/v1/fine_tuning/jobs', {});
    expect(response.status).toBe(404);
    expect(provider.requests).toHaveLength(0);
  });

  it('goes through at routes that an administrator allows, and is counted', async () => {
    answer = ({ json }, response) => sendJson(response, { asked: json.input });
    const uuid = '5f1c0c5e-0000-4000-8000-00000000000f';
    const response = await proxy.ask(
      '/openai/v1/moderations',
      { input: 'Hello' },
      { agent: { uuid } },
    );
    expect(await response.json()).toEqual({ asked: 'Hello' });
    expect(provider.requests[0]).toMatchObject({
      url: '/v1/moderations',
      headers: { authorization: 'Bearer provider-key' },
    });
    expect(await proxy.eventOf(uuid)).toMatchObject({
      status: 200,
      attempts: 1,
    });
  });

  it('is refused when a budget is used up, with when it begins anew', async () => {
    const ask = () =>
      proxy.ask(
        '/openai/v1/chat/completions',
        chat({ model: 'limited-1', max_tokens: 5 }),
        { agent: { uuid: '5f1c0c5e-0000-4000-8000-00000000000b' } },
      );
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const { error } = await refused.json();
    expect(error.code).toBe('budget:small');
    expect(error.message).toContain('small');
    expect(provider.requests).toHaveLength(2);
  });

  it('streams: the first chunk is there before the second is sent, also for clients that take gzip', async () => {
    let sendSecond = () => {};
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"one":1}\n\n');
      sendSecond = () => response.end('data: [DONE]\n\n');
    };
    const token = proxy.tokenOf();
    const chunks: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = http.request(
        `${proxy.base}/openai/v1/chat/completions`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'accept-encoding': 'gzip',
          },
        },
        response => {
          expect(response.headers['content-encoding']).toBeUndefined();
          response.on('data', chunk => {
            chunks.push(String(chunk));
            if (chunks.length === 1) {
              sendSecond();
            }
          });
          response.on('end', resolve);
        },
      );
      request.on('error', reject);
      request.end(JSON.stringify(chat({ stream: true })));
    });
    expect(chunks).toEqual(['data: {"one":1}\n\n', 'data: [DONE]\n\n']);
  });

  it('is counted with what it used and cost', async () => {
    const uuid = '5f1c0c5e-0000-4000-8000-00000000000c';
    await proxy.ask('/openai/v1/chat/completions', chat(), {
      agent: { uuid },
      headers: { 'x-opencode-session-id': 'session-1' },
    });
    const event = await proxy.eventOf(uuid);
    expect(event).toMatchObject({
      session: 'session-1',
      requested_model: 'gpt-5.2',
      status: 200,
      attempts: 1,
      input_tokens: 11,
      output_tokens: 5,
      usage_source: 'provider',
      cost_nano_usd: expect.any(Number),
    });
    expect(event.cost_nano_usd).toBeGreaterThan(0);
  });

  it('costs what is known where a model without a price was asked for advice', async () => {
    const uuid = '5f1c0c5e-0000-4000-8000-0000000000c1';
    const tokens = { input_tokens: 11, output_tokens: 5 };
    answer = (_, response) =>
      sendJson(response, {
        id: 'msg_1',
        type: 'message',
        model: 'claude-opus-4-5',
        stop_reason: 'end_turn',
        content: [],
        usage: {
          ...tokens,
          iterations: [
            { type: 'message', ...tokens },
            { type: 'advisor_message', model: 'nobody-knows-it', ...tokens },
          ],
        },
      });
    await proxy.ask(
      '/anthropic/v1/messages',
      { model: 'claude-opus-4-5', max_tokens: 9, messages: [] },
      { agent: { uuid } },
    );
    const event = await proxy.eventOf(uuid);
    expect(event).toMatchObject({ input_tokens: 11, output_tokens: 5 });
    expect(event.cost_nano_usd).toBeGreaterThan(0);
  });

  it('is let through for what Claude Code asks below its base URL', async () => {
    const metadata = await fetch(
      `${proxy.base}/anthropic/.well-known/oauth-authorization-server`,
    );
    expect((await metadata.json()).device_authorization_endpoint).toContain(
      '/api/agent-auth/claude-code/',
    );
    const settings = await proxy.ask('/anthropic/managed/settings');
    expect([200, 404]).toContain(settings.status);
    expect(settings.headers.get('content-type') ?? '').not.toContain('html');
    const telemetry = await proxy.ask('/anthropic/v1/metrics', {});
    expect(telemetry.status).toBe(200);
  });

  it('is answered at HEAD without a token, as tools look whether anybody is there', async () => {
    for (const path of ['/anthropic', '/anthropic/', '/openai/v1']) {
      const response = await fetch(`${proxy.base}${path}`, { method: 'HEAD' });
      expect(response.status).toBe(200);
    }
  });
});

describe('the list of models', () => {
  it('has those that the caller may use, in the words of each API', async () => {
    const ids = async (path: string, agent = {}) => {
      const response = await proxy.ask(path, undefined, { agent });
      const { data, models } = await response.json();
      return (data ?? models).map(
        ({ id, name }: { id: string; name: string }) => id ?? name,
      );
    };
    const openai = await ids('/openai/v1/models');
    expect(openai).toContain('gpt-5-mini');
    expect(openai).toContain('fast');
    expect(openai).not.toContain('gpt-4');
    expect(await ids('/anthropic/v1/models')).toContainEqual(
      expect.stringMatching(/^claude-/),
    );
    expect(await ids('/google-ai-studio/v1beta/models')).toContainEqual(
      expect.stringMatching(/^models\/gemini-/),
    );
    expect(
      await ids('/openai/v1/models', { limits: { models: ['gpt-5-mini'] } }),
    ).toEqual(expect.arrayContaining(['gpt-5-mini']));
  });
});

describe('a provider that misbehaves', () => {
  it('cannot be reached: the client is told so, and it is counted', async () => {
    answer = (_, _response, raw) => raw.socket.destroy();
    const uuid = '5f1c0c5e-0000-4000-8000-00000000000d';
    const response = await proxy.ask('/openai/v1/chat/completions', chat(), {
      agent: { uuid },
    });
    expect(response.status).toBe(502);
    expect((await response.json()).error.code).toBe('provider_reset');
    const event = await proxy.eventOf(uuid);
    expect(event).toMatchObject({ status: 502, attempts: 3, cost_nano_usd: 0 });
  });

  it('answers with an error: the client gets it as it is', async () => {
    const error = { error: { message: 'Too long', type: 'invalid' } };
    answer = (_, response) => sendJson(response, error, 422);
    const response = await proxy.ask('/openai/v1/chat/completions', chat());
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual(error);
  });

  it('sends clients elsewhere: they are not told where, as they would take their tokens along', async () => {
    answer = (_, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/steal' });
      response.end();
    };
    const response = await proxy.ask('/openai/v1/chat/completions', chat(), {
      redirect: 'manual',
    });
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBeNull();
  });

  it('is overloaded, and says so at length', async () => {
    const error = { error: 'x'.repeat(200_000) };
    answer = (_, response) =>
      sendJson(response, error, 429, {
        'retry-after': '120',
        'content-length': String(JSON.stringify(error).length),
      });
    const response = await proxy.ask('/openai/v1/chat/completions', chat());
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('120');
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  it('packs its answer in spite of what it was asked: it is counted all the same', async () => {
    const packed = gzipSync(JSON.stringify(chatCompletion()));
    answer = (_, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      });
      response.end(packed);
    };
    const uuid = '5f1c0c5e-0000-4000-8000-00000000000e';
    const response = await proxy.ask('/openai/v1/chat/completions', chat(), {
      agent: { uuid },
    });
    expect((await response.json()).usage.prompt_tokens).toBe(11);
    const event = await proxy.eventOf(uuid);
    expect(event).toMatchObject({ input_tokens: 11, usage_source: 'provider' });
  });
});
