import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ConfigReader } from '@backstage/config';
import {
  ProviderAnswer,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { readProviders, Provider } from '../providers';
import { Client } from './Client';
import { Upstreams } from './Upstreams';

const started: TestProvider[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map(provider => provider.stop()));
});

async function start(answer: ProviderAnswer): Promise<TestProvider> {
  const provider = await startProvider(answer);
  started.push(provider);
  return provider;
}

function providerOf(settings: object): Provider {
  const [provider] = readProviders(
    new ConfigReader({
      aiProxy: {
        providers: { one: { api: 'compat', ...settings } },
      },
    }),
  );
  return provider;
}

function aClient(): { client: Client; leave(): void } {
  const response = new EventEmitter() as ServerResponse;
  return {
    client: new Client(response),
    leave: () => response.emit('close'),
  };
}

function ask(
  upstreams: Upstreams,
  providers: Provider[],
  client = aClient().client,
  onAbandoned?: Parameters<Upstreams['ask']>[0]['onAbandoned'],
) {
  return upstreams.ask({
    onAbandoned,
    chain: providers.map(provider => ({ provider, model: 'm' })),
    caller: 'ada',
    affinity: 'ada',
    client,
    prepare: ({ model }) => ({
      method: 'POST',
      path: '/chat/completions',
      headers: {},
      body: Buffer.from(JSON.stringify({ model })),
    }),
  });
}

async function textOf(answer: Awaited<ReturnType<typeof ask>>) {
  if (answer.body) {
    return answer.body.toString();
  }
  const chunks: Buffer[] = [];
  for await (const chunk of answer.response) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

describe('Upstreams', () => {
  it('sends the target its key, and never to another', async () => {
    const one = await start((_, response) => sendJson(response, 'busy', 529));
    const two = await start((_, response) => sendJson(response, 'here'));
    const answer = await ask(new Upstreams(), [
      providerOf({
        baseUrl: `${one.url}/v1`,
        keys: [{ value: 'first' }],
        retries: { attempts: 0 },
      }),
      providerOf({ baseUrl: `${two.url}/v1`, keys: [{ value: 'second' }] }),
    ]);
    expect(await textOf(answer)).toBe('"here"');
    expect(answer.attempts).toBe(2);
    expect(one.requests[0].headers.authorization).toBe('Bearer first');
    expect(two.requests[0].headers.authorization).toBe('Bearer second');
    expect(two.requests[0].url).toBe('/v1/chat/completions');
  });

  it.each([429, 500, 502, 503, 529])(
    'asks again after %i, and gives the answer that comes then',
    async status => {
      let asked = 0;
      const provider = await start((_, response) =>
        asked++ === 0
          ? sendJson(response, 'no', status, { 'retry-after-ms': '1' })
          : sendJson(response, 'yes'),
      );
      const answer = await ask(new Upstreams(), [
        providerOf({ baseUrl: provider.url }),
      ]);
      expect(await textOf(answer)).toBe('"yes"');
      expect(provider.requests).toHaveLength(2);
    },
  );

  it.each([400, 401, 404, 413, 422])(
    'does not ask again after %i',
    async status => {
      const provider = await start((_, response) =>
        sendJson(response, 'no', status),
      );
      const answer = await ask(new Upstreams(), [
        providerOf({ baseUrl: provider.url }),
        providerOf({ baseUrl: provider.url }),
      ]);
      expect(answer.response.statusCode).toBe(status);
      expect(provider.requests).toHaveLength(1);
    },
  );

  it('tells the client of a Retry-After that is too long to wait for', async () => {
    const provider = await start((_, response) =>
      sendJson(response, 'later', 429, { 'retry-after': '3600' }),
    );
    const answer = await ask(new Upstreams(), [
      providerOf({ baseUrl: provider.url }),
    ]);
    expect(answer.response.statusCode).toBe(429);
    expect(answer.response.headers['retry-after']).toBe('3600');
    expect(await textOf(answer)).toBe('"later"');
    expect(provider.requests).toHaveLength(1);
  });

  it('gives the last error when all fail', async () => {
    const one = await start((_, response) => sendJson(response, 'one', 500));
    const two = await start((_, response) => sendJson(response, 'two', 503));
    const settings = { retries: { attempts: 0 } };
    const answer = await ask(new Upstreams(), [
      providerOf({ baseUrl: one.url, ...settings }),
      providerOf({ baseUrl: two.url, ...settings }),
    ]);
    expect(answer.response.statusCode).toBe(503);
    expect(await textOf(answer)).toBe('"two"');
  });

  it('goes on where a provider cannot be reached, and says so when none can', async () => {
    const gone = await start(() => {});
    await gone.stop();
    const here = await start((_, response) => sendJson(response, 'here'));
    const settings = { retries: { attempts: 0 } };
    const dead = providerOf({ baseUrl: gone.url, ...settings });
    const answer = await ask(new Upstreams(), [
      dead,
      providerOf({ baseUrl: here.url }),
    ]);
    expect(await textOf(answer)).toBe('"here"');
    await expect(ask(new Upstreams(), [dead])).rejects.toMatchObject({
      failure: 'connect',
    });
  });

  it('sends again what came to a kept connection as the provider closed it', async () => {
    let isFirst = true;
    const provider = await start((_, response, raw) => {
      if (isFirst) {
        isFirst = false;
        sendJson(response, 'one');
      } else if (provider.requests.length === 2) {
        raw.socket.destroy();
      } else {
        sendJson(response, 'two');
      }
    });
    const upstreams = new Upstreams();
    const settings = { baseUrl: provider.url, retries: { attempts: 0 } };
    await textOf(await ask(upstreams, [providerOf(settings)]));
    const answer = await ask(upstreams, [providerOf(settings)]);
    expect(await textOf(answer)).toBe('"two"');
    expect(provider.requests).toHaveLength(3);
    upstreams.connections.close();
  });

  it('sends nothing again at which a provider worked before it closed a kept connection', async () => {
    let isFirst = true;
    const provider = await start((_, response, raw) => {
      if (isFirst) {
        isFirst = false;
        sendJson(response, 'one');
      } else {
        setTimeout(() => raw.socket.destroy(), 2_100);
      }
    });
    const upstreams = new Upstreams();
    const settings = { baseUrl: provider.url, retries: { attempts: 0 } };
    await textOf(await ask(upstreams, [providerOf(settings)]));
    await expect(ask(upstreams, [providerOf(settings)])).rejects.toMatchObject({
      failure: 'reset',
      attempts: 1,
    });
    expect(provider.requests).toHaveLength(2);
    upstreams.connections.close();
  });

  it('asks the next one where too many wait for a provider', async () => {
    const busy = await start(() => {});
    const free = await start((_, response) => sendJson(response, 'free'));
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: busy.url,
      concurrency: { max: 1, queue: 0 },
    });
    const { client, leave } = aClient();
    const waiting = ask(upstreams, [one], client);
    const answer = await ask(upstreams, [
      one,
      providerOf({ baseUrl: free.url }),
    ]);
    expect(await textOf(answer)).toBe('"free"');
    await expect(ask(upstreams, [one])).rejects.toThrow('wait');
    leave();
    await expect(waiting).rejects.toMatchObject({ failure: 'gone' });
    upstreams.connections.close();
  });

  it('leaves out what failed often, and tries it again later', async () => {
    let isBroken = true;
    const provider = await start((_, response) =>
      sendJson(response, 'x', isBroken ? 500 : 200),
    );
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: provider.url,
      retries: { attempts: 0 },
      breaker: { failures: 2, openFor: { milliseconds: 50 } },
    });
    const other = await start((_, response) => sendJson(response, 'other'));
    const two = providerOf({ baseUrl: other.url });
    for (let count = 0; count < 4; count++) {
      await textOf(await ask(upstreams, [one, two]));
    }
    expect(provider.requests).toHaveLength(2);
    expect(upstreams.status([one])[0].targets[0].isOpen).toBe(true);

    isBroken = false;
    while (upstreams.status([one])[0].targets[0].isOpen) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await textOf(await ask(upstreams, [one, two]));
    expect(provider.requests).toHaveLength(3);
  });

  it('tells who works on what nobody waits for, also where the next is left out', async () => {
    const slow = await start(() => {});
    const broken = await start((_, response) => sendJson(response, 'x', 500));
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: slow.url,
      timeouts: { firstByte: { milliseconds: 50 } },
    });
    const two = providerOf({
      baseUrl: broken.url,
      retries: { attempts: 0 },
      breaker: { failures: 1 },
    });
    await textOf(await ask(upstreams, [two]));
    const onAbandoned = jest.fn();
    await expect(
      ask(upstreams, [one, two], undefined, onAbandoned),
    ).rejects.toMatchObject({ failure: 'timeout', isAtWork: true });
    expect(onAbandoned.mock.calls).toEqual([
      [
        expect.objectContaining({ failure: 'timeout' }),
        { provider: one, model: 'm' },
      ],
    ]);
    expect(broken.requests).toHaveLength(1);
    upstreams.connections.close();
  });

  it('never leaves out what is only overloaded', async () => {
    const provider = await start((_, response) => sendJson(response, 'x', 429));
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: provider.url,
      retries: { attempts: 0 },
      breaker: { failures: 1 },
    });
    await textOf(await ask(upstreams, [one]));
    await textOf(await ask(upstreams, [one]));
    expect(provider.requests).toHaveLength(2);
  });

  it('takes the next deployment when one is overloaded, and the same for the same caller', async () => {
    const hits: string[] = [];
    const busy = new Set<string>();
    const answer =
      (name: string): ProviderAnswer =>
      (_, response) => {
        hits.push(name);
        sendJson(response, name, busy.has(name) ? 429 : 200);
      };
    const east = await start(answer('east'));
    const west = await start(answer('west'));
    const provider = providerOf({
      deployments: [
        { name: 'east', baseUrl: east.url },
        { name: 'west', baseUrl: west.url },
      ],
    });
    const upstreams = new Upstreams();
    await textOf(await ask(upstreams, [provider]));
    await textOf(await ask(upstreams, [provider]));
    expect(new Set(hits).size).toBe(1);

    busy.add(hits[0]);
    const other = await ask(upstreams, [provider]);
    expect(other.target.name).not.toBe(hits[0]);
    expect(other.attempts).toBe(2);
  });

  it('ends the request at the provider when the client goes before the answer', async () => {
    const asked = new EventEmitter();
    const provider = await start((_, response) => {
      response.on('close', () => asked.emit('closed'));
      asked.emit('asked');
    });
    const { client, leave } = aClient();
    const answer = ask(
      new Upstreams(),
      [providerOf({ baseUrl: provider.url })],
      client,
    );
    await once(asked, 'asked');
    const closed = once(asked, 'closed');
    leave();
    await expect(answer).rejects.toMatchObject({ failure: 'gone' });
    await closed;
  });

  it('does not wait longer than it should for an answer to begin', async () => {
    const silent = await start(() => {});
    const provider = providerOf({
      baseUrl: silent.url,
      timeouts: { firstByte: { milliseconds: 30 } },
    });
    await expect(ask(new Upstreams(), [provider])).rejects.toMatchObject({
      failure: 'timeout',
    });
    expect(silent.requests).toHaveLength(1);
  });

  it('tries a target again when the request that was to try it got no turn', async () => {
    let isBroken = true;
    const provider = await start((_, response) =>
      sendJson(response, 'x', isBroken ? 500 : 200),
    );
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: provider.url,
      retries: { attempts: 0 },
      breaker: { failures: 1, openFor: { milliseconds: 1 } },
      concurrency: { max: 1, queue: 0 },
    });
    const broken = await ask(upstreams, [one]);
    while (upstreams.status([one])[0].targets[0].isOpen) {
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    await expect(ask(upstreams, [one])).rejects.toThrow('Too many requests');

    await textOf(broken);
    broken.release();
    isBroken = false;
    expect(await textOf(await ask(upstreams, [one]))).toBe('"x"');
  });

  it('says of a client that goes while it waits for its turn that it has gone', async () => {
    const provider = await start((_, response) => sendJson(response, 'x'));
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: provider.url,
      concurrency: { max: 1 },
    });
    await ask(upstreams, [one]);
    const { client, leave } = aClient();
    const waiting = ask(upstreams, [one], client);
    await new Promise(setImmediate);
    leave();
    await expect(waiting).rejects.toMatchObject({ failure: 'gone' });
  });

  it('does not wait for the end of an error that does not come', async () => {
    const stuck = await start((_, response) => {
      response.writeHead(503);
      response.write('a beginning');
    });
    const other = await start((_, response) => sendJson(response, 'other'));
    const upstreams = new Upstreams();
    const one = providerOf({
      baseUrl: stuck.url,
      retries: { attempts: 0 },
      timeouts: { idle: { milliseconds: 30 } },
      concurrency: { max: 1 },
    });
    const two = providerOf({ baseUrl: other.url });
    expect(await textOf(await ask(upstreams, [one, two]))).toBe('"other"');
    expect(upstreams.status([one])[0].load).toEqual({ running: 0, waiting: 0 });
  });

  it('does not read an error on when the client has gone', async () => {
    const stuck = await start((_, response) => {
      response.writeHead(503);
      response.write('a beginning');
    });
    const { client, leave } = aClient();
    const asked = ask(
      new Upstreams(),
      [providerOf({ baseUrl: stuck.url })],
      client,
    );
    while (stuck.requests.length === 0) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await new Promise(resolve => setTimeout(resolve, 50));
    leave();
    await expect(asked).rejects.toMatchObject({ failure: 'gone' });
  });

  it('goes on where a provider switches to a protocol that nobody asked for', async () => {
    const odd = await start((_, __, { socket }) => {
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      );
    });
    await expect(
      ask(new Upstreams(), [
        providerOf({ baseUrl: odd.url, retries: { attempts: 0 } }),
      ]),
    ).rejects.toMatchObject({ failure: 'reset' });
  });
});
