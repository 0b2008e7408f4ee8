import { once } from 'node:events';
import http, { IncomingMessage } from 'node:http';
import { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { RefusedError } from '../wire';
import { BodyRoom } from './BodyRoom';
import { readBody } from './readBody';

const MAX = 10_000;

let server: http.Server;
let room: BodyRoom;

beforeEach(async () => {
  room = new BodyRoom(12_000);
  server = http.createServer(async (request, response) => {
    const held = room.hold();
    try {
      const body = await readBody(request, MAX, held);
      response.end(body);
    } catch (error) {
      response.statusCode = (error as RefusedError).refusal.status;
      response.end((error as RefusedError).refusal.reason);
    } finally {
      held.release();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function send(body: Buffer | string, encoding?: string) {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    body,
    headers: encoding ? { 'content-encoding': encoding } : {},
  });
  return { status: response.status, text: await response.text() };
}

describe('readBody', () => {
  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['zstd', zstdCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
  ])('unpacks %s', async (encoding, body) => {
    expect(await send(body, encoding)).toEqual({
      status: 200,
      text: '{"a":1}',
    });
    expect(room.bytes).toBe(0);
  });

  it('refuses what is too large, also when it is packed small', async () => {
    expect((await send('x'.repeat(MAX + 1))).status).toBe(413);
    const bomb = gzipSync('x'.repeat(1_000_000));
    expect(bomb.length).toBeLessThan(MAX);
    expect(await send(bomb, 'gzip')).toEqual({
      status: 413,
      text: 'too_large',
    });
    expect(room.bytes).toBe(0);
  });

  it.each([
    ['br', Buffer.from('this is no brotli'), 400],
    ['lzw', Buffer.from('x'), 415],
    ['__proto__', Buffer.from('x'), 415],
  ])(
    'refuses what is said to be %s and is not',
    async (encoding, body, status) => {
      expect((await send(body, encoding)).status).toBe(status);
    },
  );

  it('refuses what there is no room for, until others are done', async () => {
    const held = room.hold();
    held.take(11_000);
    expect(await send('x'.repeat(5_000))).toEqual({
      status: 503,
      text: 'busy',
    });
    held.release();
    expect((await send('x'.repeat(5_000))).status).toBe(200);
    expect(room.bytes).toBe(0);
  });

  it('takes room for what is packed while it unpacks it', async () => {
    const taken: number[] = [];
    const request = Readable.from([gzipSync('x'.repeat(5_000_000))]);
    const unpacked = await readBody(
      Object.assign(request, {
        headers: { 'content-encoding': 'gzip' },
      }) as unknown as IncomingMessage,
      10_000_000,
      { take: bytes => taken.push(bytes), release: () => {} },
    );
    expect(unpacked).toHaveLength(5_000_000);
    expect(Math.max(...taken)).toBeLessThanOrEqual(65_536);
  });

  it.each(['{"a":1}', '{"a":'])(
    'says of a client that went before %s was read that it has gone',
    async body => {
      let told: Promise<unknown> | undefined;
      server.removeAllListeners('request');
      server.on('request', request => {
        request.on('error', () => {});
        told = new Promise(resolve => {
          request.on('close', resolve);
        }).then(() => readBody(request, MAX));
        told.catch(() => {});
      });
      const { port } = server.address() as AddressInfo;
      const request = http.request({
        port,
        method: 'POST',
        headers: { 'content-length': 7 },
      });
      request.on('error', () => {});
      request.write(body);
      await once(server, 'request');
      request.destroy();
      await expect(told).rejects.toMatchObject({
        refusal: { reason: 'client_gone' },
      });
    },
  );
});
