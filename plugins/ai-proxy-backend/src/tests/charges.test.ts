import { randomUUID } from 'node:crypto';
import {
  chatCompletion,
  ProviderAnswer,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

const COMPLETION_TOKENS = 16;

let provider: TestProvider;
let proxy: TestProxy;
let answer: ProviderAnswer;

beforeAll(async () => {
  provider = await startProvider((...args) => answer(...args));
  const at = (settings: object) => ({
    api: 'openai',
    baseUrl: `${provider.url}/v1`,
    keys: [{ value: 'provider-key' }],
    retention: { optOut: false },
    retries: { attempts: 0 },
    breaker: { failures: 1_000 },
    ...settings,
  });
  const budget = (unit: string, limit: number, more: object = {}) => ({
    name: unit,
    unit,
    limit,
    window: 'day',
    per: 'user',
    ...more,
  });
  proxy = await startProxy({
    config: {
      providers: {
        hasty: at({
          models: ['gpt-5.2', 'gpt-5.1'],
          timeouts: { firstByte: { milliseconds: 100 } },
        }),
        patient: at({}),
        anthropic: {
          baseUrl: `${provider.url}/v1`,
          keys: [{ value: 'provider-key' }],
        },
        google: {
          api: 'google-ai-studio',
          baseUrl: `${provider.url}/v1beta`,
          keys: [{ value: 'provider-key' }],
        },
      },
      fallbacks: [
        {
          models: ['gpt-5.2'],
          to: [{ provider: 'patient', model: 'gpt-5-mini' }],
        },
        {
          models: ['gpt-5.1'],
          to: [{ provider: 'patient', model: 'gpt-5-nano' }],
        },
      ],
      policy: {
        policies: `@id("large-contexts")
          forbid (principal, action == Action::"use_model", resource)
          when { context.request.inputTokens > 200000 };`,
      },
      budgets: [
        budget('usd', 1_000),
        budget('tokens', 1e9),
        budget('requests', 1e6),
        {
          ...budget('requests', 1, { match: { models: ['gpt-5-nano'] } }),
          name: 'once',
        },
        {
          ...budget('tokens', 100_000, {
            match: { models: ['gpt-4.1', 'gemini-2.5-flash'] },
          }),
          name: 'small',
        },
        {
          ...budget('usd', 0.2, { match: { models: ['claude-haiku-4-5'] } }),
          name: 'cheap',
        },
      ],
    },
  });
});

afterAll(async () => {
  await proxy.stop();
  await provider.stop();
});

/** Somebody who asks, and what is counted of it. */
function someone() {
  const uuid = randomUUID();
  return {
    chat: (model: string) =>
      proxy.ask(
        '/openai/v1/chat/completions',
        {
          model,
          max_tokens: 50,
          messages: [{ role: 'user', content: 'word '.repeat(1_000) }],
        },
        { agent: { uuid } },
      ),
    ask: (path: string, body: object, signal?: AbortSignal) =>
      proxy.ask(path, body, { agent: { uuid }, signal }),
    /** So many events, those with the highest status first. */
    async events(count: number) {
      const knex = await proxy.database();
      for (;;) {
        const events = await knex('usage_events')
          .join(
            'usage_series',
            'usage_events.series',
            '=',
            'usage_series.series',
          )
          .where('usage_events.principal', uuid);
        if (events.length >= count) {
          return events.sort((one, other) => other.status - one.status);
        }
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
    untilSpent: (budget: string, amount: number) =>
      proxy.untilSpent(uuid, budget, amount),
  };
}

/** Somebody asks a model of Anthropic, which answers itself. */
function askClaude(model: string) {
  answer = (_, response) =>
    sendJson(response, {
      id: 'msg_1',
      model,
      content: [],
      usage: { input_tokens: 10, output_tokens: 5 },
    });
  const ada = someone();
  return (more: object = {}) =>
    ada.ask('/anthropic/v1/messages', {
      model,
      max_tokens: 20_000,
      messages: [{ role: 'user', content: 'Hello' }],
      ...more,
    });
}

describe('work that a provider is left with', () => {
  it('is counted, with its estimated input, when another one answers', async () => {
    answer = ({ json }, response) =>
      json.model === 'gpt-5.2'
        ? undefined
        : sendJson(response, chatCompletion());
    const ada = someone();
    const response = await ada.chat('gpt-5.2');
    expect(response.status).toBe(200);
    const [left, answered] = await ada.events(2);
    expect(left).toMatchObject({
      provider: 'hasty',
      model: 'gpt-5.2',
      requested_model: 'gpt-5.2',
      status: 504,
      outcome: 'failed',
      usage_source: 'estimated',
      output_tokens: 0,
      attempts: 0,
    });
    expect(left.input_tokens).toBeGreaterThan(900);
    expect(left.cost_nano_usd).toBeGreaterThan(0);
    expect(answered).toMatchObject({
      id: response.headers.get('x-ai-proxy-request-id'),
      provider: 'patient',
      model: 'gpt-5-mini',
      status: 200,
      usage_source: 'provider',
      attempts: 2,
    });
    await ada.untilSpent('tokens', left.input_tokens + COMPLETION_TOKENS);
    await ada.untilSpent('requests', 2);
  });

  it('is counted when a budget has no room for the next', async () => {
    answer = ({ json }, response) =>
      json.model === 'gpt-5.1'
        ? undefined
        : sendJson(response, chatCompletion());
    const ada = someone();
    expect((await ada.chat('gpt-5-nano')).status).toBe(200);
    expect((await ada.chat('gpt-5.1')).status).toBe(429);
    const [left, refused] = await ada.events(3);
    expect(left).toMatchObject({ model: 'gpt-5.1', status: 504 });
    expect(refused).toMatchObject({ status: 429, input_tokens: 0 });
    await ada.untilSpent('tokens', left.input_tokens + COMPLETION_TOKENS);
  });

  it('is counted once when nobody answers', async () => {
    answer = ({ json }, response) =>
      json.model === 'gpt-5.2' ? undefined : response.destroy();
    const ada = someone();
    expect((await ada.chat('gpt-5.2')).status).toBe(502);
    const [left, failed] = await ada.events(2);
    expect(left).toMatchObject({ model: 'gpt-5.2', status: 504 });
    expect(failed).toMatchObject({ status: 502, input_tokens: 0 });
    await ada.untilSpent('tokens', left.input_tokens);
  });
});

describe('what is estimated', () => {
  it.each([
    ['is left', undefined],
    ['is cut', ': '],
  ])(
    'costs what the tier does that was asked for, where it %s',
    async (_, begin) => {
      answer = (__, response) => {
        if (begin) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(begin, () => response.destroy());
        }
      };
      const costs = [];
      for (const tier of ['default', 'priority']) {
        const ada = someone();
        const leaving = begin ? undefined : AbortSignal.timeout(100);
        await ada
          .ask(
            '/openai/v1/responses',
            {
              model: 'gpt-5.4',
              input: 'word '.repeat(1_000),
              stream: true,
              service_tier: tier,
            },
            leaving,
          )
          .then(response => response.text())
          .catch(() => {});
        const [event] = await ada.events(1);
        expect(event.usage_source).toBe('estimated');
        costs.push(event.cost_nano_usd / event.input_tokens);
      }
      expect(costs[1]).toBe(2 * costs[0]);
    },
  );
});

describe('a response in the background', () => {
  it('is counted as the most that it may take when its client leaves before it begins', async () => {
    const leaving = new AbortController();
    answer = () => leaving.abort();
    const ada = someone();
    await expect(
      ada.ask(
        '/openai/v1/responses',
        {
          model: 'gpt-4.1-mini',
          background: true,
          input: 'Tell me everything',
          max_output_tokens: 5_000,
        },
        leaving.signal,
      ),
    ).rejects.toThrow();
    const [event] = await ada.events(1);
    expect(event).toMatchObject({
      status: 499,
      outcome: 'aborted',
      usage_source: 'estimated',
      output_tokens: 5_000,
    });
    expect(event.input_tokens).toBeGreaterThan(0);
    await ada.untilSpent('tokens', event.input_tokens + 5_000);
  });
});

describe('a request that builds on a stored response', () => {
  const streamed = (...events: object[]) =>
    events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('');
  const started = { id: 'resp_cut', model: 'gpt-4.1', status: 'in_progress' };

  it.each([
    ['that is cut', 200, 'failed'],
    ['whose client leaves before it begins', 499, 'aborted'],
  ])('is counted with it in an answer %s', async (_, status, outcome) => {
    const leaving = new AbortController();
    const id = `resp_${randomUUID()}`;
    answer = ({ json }, response) => {
      if (!json.previous_response_id) {
        sendJson(response, {
          id,
          model: 'gpt-4.1-mini',
          output: [],
          usage: { input_tokens: 50_000, output_tokens: 1_000 },
        });
      } else if (status === 499) {
        leaving.abort();
      } else {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(
          streamed({ type: 'response.created', response: started }),
          () => response.destroy(),
        );
      }
    };
    const ada = someone();
    const ask = (more: object = {}) =>
      ada.ask(
        '/openai/v1/responses',
        {
          model: 'gpt-4.1-mini',
          input: 'Go on',
          max_output_tokens: 100,
          ...more,
        },
        leaving.signal,
      );
    await (await ask()).json();
    await ask({ previous_response_id: id, stream: true })
      .then(response => response.text())
      .catch(() => {});
    const events = await ada.events(2);
    const event = events.find(each => each.usage_source === 'estimated')!;
    expect(event).toMatchObject({ status, outcome });
    expect(event.input_tokens).toBeGreaterThan(51_000);
    await ada.untilSpent(
      'tokens',
      51_000 + event.input_tokens + event.output_tokens,
    );
  });
});

describe('what a request takes at most', () => {
  it('has in it the response to which it is added', async () => {
    answer = (_, response) =>
      sendJson(response, {
        id: `resp_${randomUUID()}`,
        model: 'gpt-4.1',
        output: [],
        usage: { input_tokens: 50_000, output_tokens: 1_000 },
      });
    const ada = someone();
    const ask = (more: object = {}) =>
      ada.ask('/openai/v1/responses', {
        model: 'gpt-4.1',
        input: 'Go on',
        max_output_tokens: 100,
        ...more,
      });
    const { id } = await (await ask()).json();
    const refused = await ask({ previous_response_id: id });
    expect(refused.status).toBe(429);
    expect((await refused.json()).error.code).toBe('budget:small');
    expect((await ask()).status).toBe(200);
  });

  it('has in it, for policies too, the response to which it is added', async () => {
    answer = (_, response) =>
      sendJson(response, {
        id: `resp_${randomUUID()}`,
        model: 'gpt-4.1-mini',
        output: [],
        usage: { input_tokens: 199_000, output_tokens: 1_001 },
      });
    const ada = someone();
    const ask = (more: object = {}) =>
      ada.ask('/openai/v1/responses', {
        model: 'gpt-4.1-mini',
        input: 'Go on',
        ...more,
      });
    const { id } = await (await ask()).json();
    const refused = await ask({ previous_response_id: id });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('large-contexts');
  });

  it('has in it the cache from which it reads', async () => {
    answer = ({ url }, response) =>
      sendJson(
        response,
        url.includes('/cachedContents')
          ? {
              name: `cachedContents/${randomUUID()}`,
              usageMetadata: { totalTokenCount: 60_000 },
            }
          : { candidates: [], usageMetadata: { promptTokenCount: 5 } },
      );
    const ada = someone();
    const base = '/google-ai-studio/v1beta';
    const made = await ada.ask(`${base}/cachedContents`, {
      model: 'models/gemini-2.5-flash',
      contents: [{ parts: [{ text: 'Long' }] }],
    });
    const { name } = await made.json();
    const ask = (more: object = {}) =>
      ada.ask(`${base}/models/gemini-2.5-flash:generateContent`, {
        contents: [{ parts: [{ text: 'What is in it?' }] }],
        generationConfig: { maxOutputTokens: 100 },
        ...more,
      });
    expect((await ask({ cachedContent: name })).status).toBe(429);
    expect((await ask()).status).toBe(200);
  });

  it.each([
    ['a fallback', { fallbacks: [{ model: 'claude-opus-5' }] }],
    [
      'an advisor',
      {
        tools: [
          {
            type: 'advisor_20260301',
            name: 'advisor',
            model: 'claude-opus-5',
          },
        ],
      },
    ],
  ])('is at the price of %s that is dearer', async (_, more) => {
    const ask = askClaude('claude-haiku-4-5');
    const refused = await ask(more);
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('cheap');
    expect((await ask()).status).toBe(200);
  });
});

describe('a request that names models to fall back to', () => {
  it('needs room in the budgets of all of them', async () => {
    const ask = askClaude('claude-sonnet-4-5');
    expect((await ask()).status).toBe(200);
    const refused = await ask({ fallbacks: [{ model: 'claude-haiku-4-5' }] });
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('cheap');
  });

  it.each([
    ['claude-haiku-4-5', 'claude-opus-5', 5],
    ['claude-opus-5-20260401', 'claude-opus-5', 25],
    ['claude-opus-5-20260401', 'claude-opus-5-latest', 25],
    ['claude-opus-5', 'Claude-Opus-5', 25],
  ])(
    'costs what the model takes that answered: %s, with %s as the fallback',
    async (model, fallback, price) => {
      answer = (_, response) =>
        sendJson(response, {
          id: 'msg_1',
          model,
          content: [],
          usage: { input_tokens: 0, output_tokens: 1_000 },
        });
      const ada = someone();
      await ada.ask('/anthropic/v1/messages', {
        model: 'claude-haiku-4-5',
        max_tokens: 2_000,
        fallbacks: [{ model: fallback }],
        messages: [{ role: 'user', content: 'Hello' }],
      });
      const [event] = await ada.events(1);
      // US dollars for a million tokens of output.
      expect(event.cost_nano_usd).toBe(price * 1_000 * 1_000);
      expect(event.model).toBe(price === 25 ? fallback : model);
    },
  );
});
