import { once } from 'node:events';
import http, { IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Client } from '../upstream';
import { AnswerEnd, passOn } from './passOn';

const TIMEOUTS = {
  connectMs: 1_000,
  firstByteMs: 1_000,
  idleMs: 5_000,
  drainMs: 1_000,
};

const servers: http.Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy in front of a provider. */
async function proxy(
  provider: (response: ServerResponse) => void,
  options: { onDisconnect?: 'cancel' | 'drain'; idleMs?: number } = {},
) {
  const upstream = await serve((_, response) => provider(response));
  const seen: Buffer[] = [];
  let ended: (end: AnswerEnd) => void;
  const end = new Promise<AnswerEnd>(resolve => {
    ended = resolve;
  });
  let left = () => {};
  const gone = new Promise<void>(resolve => {
    left = resolve;
  });
  const port = await serve((_, response) => {
    const client = new Client(response);
    client.onGone(left);
    http.get({ port: upstream, host: '127.0.0.1' }, async from => {
      response.writeHead(200);
      ended(
        await passOn(from, response, {
          client,
          onDisconnect: options.onDisconnect ?? 'cancel',
          timeouts: { ...TIMEOUTS, idleMs: options.idleMs ?? TIMEOUTS.idleMs },
          onChunk: chunk => seen.push(chunk),
        }),
      );
    });
  });
  return { port, end, gone, seen: () => Buffer.concat(seen) };
}

async function get(port: number): Promise<IncomingMessage> {
  const request = http.get({ port, host: '127.0.0.1', agent: false });
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  return response;
}

function closed(response: IncomingMessage): Promise<void> {
  return new Promise(resolve => response.on('close', () => resolve()));
}

// Much goes through on machines that do other things too.
jest.setTimeout(30_000);

describe('passOn', () => {
  it('gives the client the first chunk before the provider sends the second', async () => {
    let sendSecond = () => {};
    const { port, end } = await proxy(response => {
      response.write('first');
      sendSecond = () => response.end('second');
    });
    const response = await get(port);
    const [first] = await once(response, 'data');
    expect(String(first)).toBe('first');
    sendSecond();
    const [second] = await once(response, 'data');
    expect(String(second)).toBe('second');
    expect(await end).toBe('complete');
  });

  it('reads no faster than the client', async () => {
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    let isBlocked = () => {};
    const blocked = new Promise<void>(resolve => {
      isBlocked = resolve;
    });
    const { port, end, seen } = await proxy(response => {
      const write = () => {
        while (sent < 48 * 1024 * 1024) {
          sent += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', write);
            setTimeout(isBlocked, 200).unref();
            return;
          }
        }
        response.end();
      };
      write();
    });
    const response = await get(port);
    await blocked;
    // What fits in the buffers of sockets on the way.
    expect(seen().length).toBeLessThan(32 * 1024 * 1024);
    response.resume();
    expect(await end).toBe('complete');
    expect(seen().length).toBe(48 * 1024 * 1024);
  });

  it('ends the request at the provider when the client goes', async () => {
    let hasClosed: Promise<unknown> = Promise.resolve();
    const { port, end } = await proxy(response => {
      hasClosed = once(response, 'close');
      response.write('first');
    });
    const response = await get(port);
    await once(response, 'data');
    response.destroy();
    expect(await end).toBe('aborted');
    await hasClosed;
  });

  it('reads on without the client where the provider charges for all of it', async () => {
    let finish = () => {};
    const { port, end, gone, seen } = await proxy(
      response => {
        response.write('first ');
        finish = () => response.end('usage');
      },
      { onDisconnect: 'drain' },
    );
    const response = await get(port);
    await once(response, 'data');
    response.destroy();
    await gone;
    finish();
    expect(await end).toBe('aborted');
    expect(seen().toString()).toBe('first usage');
  });

  it('cuts the answer to the client where the provider cut it', async () => {
    let cut = () => {};
    const { port, end } = await proxy(response => {
      response.write('first');
      cut = () => response.destroy();
    });
    const response = await get(port);
    await once(response, 'data');
    const isClosed = closed(response);
    cut();
    await isClosed;
    expect(response.complete).toBe(false);
    expect(await end).toBe('cut');
  });

  it('gives up on a provider that sends nothing more', async () => {
    const { port, end } = await proxy(response => response.write('first'), {
      idleMs: 50,
    });
    const response = await get(port);
    response.resume();
    const isClosed = closed(response);
    expect(await end).not.toBe('complete');
    await isClosed;
    expect(response.complete).toBe(false);
  });
});
