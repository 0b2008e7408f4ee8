import { mockErrorHandler, mockServices } from '@backstage/backend-test-utils';
import express from 'express';
import Router from 'express-promise-router';
import { once } from 'node:events';
import { get, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendLines } from './sendLines';

const MEGABYTE = 1024 * 1024;

describe('sendLines', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function request(
    pages: () => AsyncGenerator<unknown[]>,
  ): Promise<IncomingMessage> {
    const router = Router();
    router.get('/', (_request, response) =>
      sendLines(response, pages(), { logger: mockServices.logger.mock() }),
    );
    const app = express().use(router, mockErrorHandler());
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [response] = await once(get({ port }), 'response');
    return response;
  }

  it('makes no more lines than the client reads, and stops when it goes', async () => {
    let made = 0;
    let stopped = () => {};
    const end = new Promise<void>(resolve => {
      stopped = resolve;
    });
    async function* endless() {
      try {
        for (;;) {
          made += 1;
          yield ['x'.repeat(MEGABYTE)];
        }
      } finally {
        stopped();
      }
    }
    const response = await request(endless);
    let read = 0;
    for await (const chunk of response) {
      read += chunk.length;
      if (read > 20 * MEGABYTE) {
        break;
      }
    }
    await end;
    // Buffers of two sockets, and a page.
    expect(made).toBeLessThan(20 + 30);
  });

  it('tells of a failure before the first line, and breaks off at a later one', async () => {
    const failing = (lines: number) =>
      async function* pages() {
        for (let n = 0; n < lines; n += 1) {
          yield [n];
        }
        throw new Error('broken');
      };
    expect((await request(failing(0))).statusCode).toBe(500);
    server.close();

    const response = await request(failing(2));
    expect(response.statusCode).toBe(200);
    await expect(response.toArray()).rejects.toThrow('aborted');
  });
});
