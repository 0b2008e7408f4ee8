import { once } from 'node:events';
import http, { IncomingMessage, ServerResponse } from 'node:http';
import {
  ProviderAnswer,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { startProxy, TestProxy } from '../__testUtils__/startProxy';

jest.setTimeout(180_000);

const MIB = 1024 * 1024;

let provider: TestProvider;
let proxy: TestProxy;
let answer: ProviderAnswer;

beforeAll(async () => {
  provider = await startProvider((...args) => answer(...args));
  proxy = await startProxy({
    config: {
      providers: {
        openai: {
          baseUrl: `${provider.url}/v1`,
          keys: [{ value: 'provider-key' }],
        },
        slow: {
          api: 'compat',
          baseUrl: `${provider.url}/v1`,
          onDisconnect: 'drain',
        },
      },
      budgets: [
        {
          name: 'day',
          unit: 'usd',
          limit: 100_000,
          window: 'day',
          per: 'user',
        },
      ],
    },
  });
});

afterAll(async () => {
  await proxy.stop();
  await provider.stop();
});

const agent = new http.Agent({ maxSockets: Infinity });

/** Asks for a stream, and returns its beginning. */
async function open(
  token: string,
  path = '/openai/v1/chat/completions',
): Promise<IncomingMessage> {
  const request = http.request(`${proxy.base}${path}`, {
    agent,
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  request.end(
    JSON.stringify({
      model: 'gpt-5-mini',
      stream: true,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Tell me everything' }],
    }),
  );
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  return response;
}

function openMany(count: number): Promise<IncomingMessage[]> {
  return Promise.all(
    Array.from({ length: count }, () => open(proxy.tokenOf())),
  );
}

/** Writes as fast as the reader reads. */
async function writeMuch(response: ServerResponse, bytes: number) {
  // Of each wait, one listener stays.
  response.setMaxListeners(0);
  const event = Buffer.from(
    `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(
      65_000,
    )}"}}]}\n\n`,
  );
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let sent = 0; sent < bytes; sent += event.length) {
    if (!response.write(event)) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    if (response.destroyed) {
      return;
    }
  }
  response.end('data: [DONE]\n\n');
}

it('keeps memory flat for 200 MB and a reader that is slow', async () => {
  answer = (_, response) => {
    writeMuch(response, 200 * MIB);
  };
  const response = await open(proxy.tokenOf());
  const before = process.memoryUsage().rss;
  let most = 0;
  let read = 0;
  response.on('data', chunk => {
    read += chunk.length;
    most = Math.max(most, process.memoryUsage().rss);
    // Reads for a moment, and does something else for a moment.
    if (read % (4 * MIB) < chunk.length) {
      response.pause();
      setTimeout(() => response.resume(), 20);
    }
  });
  await once(response, 'end');
  expect(read).toBeGreaterThan(200 * MIB);
  // Provider and client are in this process too.
  expect(most - before).toBeLessThan(120 * MIB);
});

it('holds 500 streams for a minute', async () => {
  const started = Date.now();
  const HELD_MS = 60_000;
  const ROUND_MS = 5_000;
  const responses = new Set<ServerResponse>();
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[]}\n\n');
    responses.add(response);
  };
  const beat = setInterval(
    () =>
      responses.forEach(response => response.write('data: {"choices":[]}\n\n')),
    ROUND_MS,
  );
  const received = new Map<number, number>();
  const streams: IncomingMessage[] = [];
  for (let from = 0; from < 500; from += 50) {
    streams.push(...(await openMany(50)));
  }
  const ends = streams.map((stream, index) => {
    stream.on('data', chunk =>
      received.set(index, (received.get(index) ?? 0) + chunk.length),
    );
    return once(stream, 'end');
  });
  await new Promise(resolve =>
    setTimeout(resolve, HELD_MS - (Date.now() - started)),
  );
  clearInterval(beat);
  responses.forEach(response => response.end('data: [DONE]\n\n'));
  await Promise.all(ends);

  expect(streams.every(stream => stream.complete)).toBe(true);
  const sizes = [...received.values()];
  expect(sizes).toHaveLength(500);
  // All of them went on all the time.
  const rounds = Math.floor(HELD_MS / ROUND_MS) - 3;
  expect(Math.min(...sizes)).toBeGreaterThan(rounds * 20);
});

it('counts streams that their clients left: at least what passed', async () => {
  let wrote = () => {};
  const isWritten = new Promise<void>(resolve => {
    wrote = resolve;
  });
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      `data: {"choices":[{"index":0,"delta":{"content":"${'word '.repeat(
        400,
      )}"}}]}\n\n`,
    );
    wrote();
  };
  const uuid = '5f1c0c5e-0000-4000-8000-0000000000aa';
  const response = await open(proxy.tokenOf({ uuid }));
  await isWritten;
  await once(response, 'data');
  response.destroy();
  const event = await proxy.eventOf(uuid);
  expect(event).toMatchObject({ status: 499, usage_source: 'estimated' });
  expect(event.output_tokens).toBeGreaterThan(300);
  expect(event.cost_nano_usd).toBeGreaterThan(0);
});

it('counts what clients asked that left before the answer began: at least their input', async () => {
  let isAsked = () => {};
  const asked = new Promise<void>(resolve => {
    isAsked = resolve;
  });
  answer = () => isAsked();
  const uuid = '5f1c0c5e-0000-4000-8000-0000000000bb';
  const leaving = new AbortController();
  const response = proxy.ask(
    '/openai/v1/chat/completions',
    {
      model: 'gpt-5.2',
      messages: [{ role: 'user', content: 'word '.repeat(1_000) }],
    },
    { signal: leaving.signal, agent: { uuid } },
  );
  await asked;
  leaving.abort();
  await expect(response).rejects.toThrow();
  const event = await proxy.eventOf(uuid);
  expect(event).toMatchObject({ status: 499, usage_source: 'estimated' });
  expect(event.input_tokens).toBeGreaterThan(900);
  expect(event.cost_nano_usd).toBeGreaterThan(0);
});

it('reads on without the client where the provider is set so, and counts what it says', async () => {
  let finish = () => {};
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[]}\n\n');
    finish = () =>
      response.end(
        'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":77,"total_tokens":84}}\n\ndata: [DONE]\n\n',
      );
  };
  const uuid = '5f1c0c5e-0000-4000-8000-0000000000ab';
  const response = await open(
    proxy.tokenOf({ uuid }),
    '/compat/chat/completions',
  );
  await once(response, 'data');
  const departure = proxy.departure();
  response.destroy();
  await departure;
  finish();
  const event = await proxy.eventOf(uuid);
  expect(event).toMatchObject({
    status: 499,
    usage_source: 'provider',
    input_tokens: 7,
    output_tokens: 77,
  });
});

it('waits without the client for an answer that has not begun, where the provider is set so', async () => {
  let finish = () => {};
  const isAsked = new Promise<void>(resolve => {
    answer = (_, response) => {
      finish = () =>
        response.end(
          '{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":77}}',
        );
      resolve();
    };
  });
  const uuid = '5f1c0c5e-0000-4000-8000-0000000000ac';
  const leaving = new AbortController();
  const asked = proxy.ask(
    '/compat/chat/completions',
    { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] },
    { agent: { uuid }, signal: leaving.signal },
  );
  await isAsked;
  const departure = proxy.departure();
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await departure;
  finish();
  const event = await proxy.eventOf(uuid);
  expect(event).toMatchObject({
    status: 499,
    usage_source: 'provider',
    input_tokens: 7,
    output_tokens: 77,
  });
});
