import {
  chatCompletion,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

let isBroken: boolean;
let first: TestProvider;
let second: TestProvider;
let proxy: TestProxy;

beforeAll(async () => {
  first = await startProvider((_, response) =>
    sendJson(response, chatCompletion('from the first'), isBroken ? 500 : 200),
  );
  second = await startProvider((_, response) =>
    sendJson(response, chatCompletion('from the second')),
  );
  const keys = [{ value: 'provider-key' }];
  proxy = await startProxy({
    config: {
      providers: {
        openai: {
          baseUrl: `${first.url}/v1`,
          keys,
          retries: { attempts: 0 },
        },
        other: { api: 'openai', baseUrl: `${second.url}/v1`, keys },
      },
      fallbacks: [
        {
          models: ['gpt-5.2'],
          to: [{ provider: 'other', model: 'gpt-5.2-pro' }],
        },
      ],
      cache: { scope: 'everybody' },
    },
  });
});

afterAll(async () => {
  await proxy.stop();
  await first.stop();
  await second.stop();
});

async function ask(agent: object = {}) {
  const response = await proxy.ask(
    '/openai/v1/chat/completions',
    { model: 'gpt-5.2', messages: [{ role: 'user', content: 'Hello' }] },
    { agent },
  );
  const { choices } = await response.json();
  return {
    from: choices[0].message.content,
    cached: response.headers.get('x-ai-proxy-cache'),
  };
}

it('keeps an answer, but not of another model that was fallen back to', async () => {
  isBroken = true;
  expect(await ask()).toEqual({ from: 'from the second', cached: null });

  isBroken = false;
  const limited = { uuid: 'grace', limits: { models: ['gpt-5.2'] } };
  expect(await ask(limited)).toEqual({ from: 'from the first', cached: null });
  expect(await ask()).toEqual({ from: 'from the first', cached: 'hit' });
});
