import { ChaosConfig, LLMock } from '@copilotkit/aimock';
import { randomUUID } from 'node:crypto';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

const REQUESTS = 60;

const USAGE = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
};

/** Starts a model that fails as often as told. */
async function startModel(name: string, chaos: ChaosConfig): Promise<LLMock> {
  const mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  mock.on({}, () => ({ content: `I am ${name}.`, usage: USAGE }));
  await mock.start();
  return mock.setChaos(chaos);
}

let shaky: LLMock;
let steady: LLMock;
let proxy: TestProxy;

beforeAll(async () => {
  shaky = await startModel('shaky', {
    dropRate: 0.3,
    malformedRate: 0.1,
    rateLimitRate: 0.3,
    disconnectRate: 0.3,
  });
  steady = await startModel('steady', {});
  const at = ({ url }: LLMock) => ({
    api: 'openai',
    baseUrl: `${url}/v1`,
    keys: [{ value: 'key' }],
    breaker: { failures: 1_000_000 },
  });
  proxy = await startProxy({
    config: {
      providers: {
        alone: { ...at(shaky), models: ['alone'] },
        shaky: { ...at(shaky), models: ['helped'] },
        steady: { ...at(steady), models: ['steady'] },
      },
      fallbacks: [
        { models: ['helped'], to: [{ provider: 'steady', model: 'steady' }] },
      ],
      cache: { scope: 'team', models: ['steady'] },
      budgets: [
        {
          name: 'tokens',
          unit: 'tokens',
          limit: 1e9,
          window: 'day',
          per: 'user',
        },
        {
          name: 'asked',
          unit: 'requests',
          limit: 1e6,
          window: 'day',
          per: 'user',
        },
      ],
    },
  });
});

afterAll(async () => {
  await proxy.stop();
  await shaky.stop();
  await steady.stop();
});

interface Told {
  status: number;
  /** Undefined where the connection broke. */
  text?: string;
}

async function ask(
  token: string,
  body: { model: string; stream?: boolean; content?: string },
): Promise<Told & { headers: Headers }> {
  const { content = randomUUID(), ...rest } = body;
  const response = await fetch(`${proxy.base}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({
      ...rest,
      max_tokens: 50,
      messages: [{ role: 'user', content }],
    }),
  });
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text().catch(() => undefined),
  };
}

/** Asks many times, and waits until all of it is counted. */
async function askOften(model: string) {
  const uuid = randomUUID();
  const token = proxy.tokenOf({ uuid });
  const told = await Promise.all(
    Array.from({ length: REQUESTS }, (_, index) =>
      ask(token, { model, stream: index % 2 === 0 }),
    ),
  );
  let events: Array<Record<string, any>> = [];
  while (events.length < REQUESTS) {
    const all = await proxy.events(REQUESTS);
    events = all.filter(({ principal }) => principal === uuid);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return { uuid, token, told, events };
}

function tokensOf(events: Array<Record<string, any>>): number {
  return events.reduce(
    (sum, event) =>
      sum + Number(event.input_tokens) + Number(event.output_tokens),
    0,
  );
}

describe('a provider that fails', () => {
  it('is asked again, and every request ends with an answer that is counted', async () => {
    const { uuid, told, events } = await askOften('alone');
    const statuses = told.map(({ status }) => status).sort();
    expect(statuses).toContain(200);
    for (const status of statuses) {
      expect([200, 429, 500, 502, 503]).toContain(status);
    }
    expect(events.map(({ status }) => status).sort()).toEqual(statuses);
    expect(Math.max(...events.map(({ attempts }) => attempts))).toBe(3);
    await proxy.untilSpent(uuid, 'tokens', tokensOf(events));
    await proxy.untilSpent(uuid, 'asked', REQUESTS);
  });

  it('leaves requests to the one to fall back to', async () => {
    const { uuid, told, events } = await askOften('helped');
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([200]));
    const knex = await proxy.database();
    const series = await knex('usage_series').select('series', 'model');
    const helped = events.filter(event =>
      series.some(
        ({ series: id, model }) => id === event.series && model === 'steady',
      ),
    );
    expect(helped.length).toBeGreaterThan(0);
    expect(helped.length).toBeLessThan(REQUESTS);
    expect(events.every(event => event.requested_model === 'helped')).toBe(
      true,
    );
    await proxy.untilSpent(uuid, 'tokens', tokensOf(events));
  });
});

describe('an answer that is kept', () => {
  const question = { model: 'steady', content: 'What is the capital of Peru?' };
  const memberOf = (name: string) => ({
    uuid: randomUUID(),
    teams: [`group:default/${name}`],
  });

  it('is for the team only, and costs nothing', async () => {
    const first = await ask(proxy.tokenOf(memberOf('a')), question);
    expect(first.headers.get('x-ai-proxy-cache')).toBeNull();

    const uuid = randomUUID();
    const second = await ask(
      proxy.tokenOf({ ...memberOf('a'), uuid }),
      question,
    );
    expect(second.headers.get('x-ai-proxy-cache')).toBe('hit');
    expect(second.text).toBe(first.text);

    const other = await ask(proxy.tokenOf(memberOf('b')), question);
    expect(other.headers.get('x-ai-proxy-cache')).toBeNull();

    const rows = await (
      await proxy.database()
    )('budget_buckets').where({
      value: uuid,
    });
    expect(rows).toEqual([]);
  });

  it('is the same stream as the first', async () => {
    const stream = { ...question, stream: true };
    const token = proxy.tokenOf(memberOf('c'));
    const first = await ask(token, stream);
    const second = await ask(token, stream);
    expect(second.headers.get('x-ai-proxy-cache')).toBe('hit');
    expect(second.headers.get('content-type')).toBe(
      first.headers.get('content-type'),
    );
    expect(second.text).toBe(first.text);
  });
});
