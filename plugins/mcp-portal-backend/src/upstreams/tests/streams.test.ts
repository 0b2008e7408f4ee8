import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import { startServer, TestServer } from '../../__testUtils__/startServer';
import { Exchange } from '../Exchange';
import type { UpstreamRequest } from '../types';
import { upstreamFetch } from '../upstreamFetch';

const RESULT = { content: [{ type: 'text', text: 'fine' }] };

type Answer = (
  response: ServerResponse,
  id: unknown,
  request: IncomingMessage,
) => unknown;

describe('an exchange with a server that answers with a stream', () => {
  let server: TestServer;
  let answer: Answer;
  let connections: Set<unknown>;
  let heard: unknown[];
  const fetchFor = upstreamFetch({ logger: mockServices.logger.mock() });

  beforeAll(async () => {
    server = await startServer(async (request, response) => {
      connections.add(request.socket);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const message =
        request.method === 'POST' ? ((await json(request)) as object) : {};
      await answer(response, 'id' in message && message.id, request);
    });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    connections = new Set();
    heard = [];
  });

  function send(signal = new AbortController().signal) {
    const remotes = [{ type: 'streamable-http' as const, url: server.url }];
    const request: UpstreamRequest = {
      server: { entityRef: 'api:default/test', name: 'test', remotes },
      caller: {} as UpstreamRequest['caller'],
      client: { session: 'one', capabilities: {} },
      method: 'tools/call',
      params: { name: 'work', arguments: {} },
      repeatable: false,
      signal,
      timeoutMs: 5_000,
      onNotification: ({ params }) => heard.push(params?.data),
    };
    const options = {
      url: new URL(server.url),
      type: 'streamable-http' as const,
      headers: {},
      currentHeaders: async () => ({}),
      fetch: fetchFor({ remotes }),
      maxBytes: 1_000_000,
      version: '1.0.0',
    };
    return new Exchange(options, request).send({
      era: 'legacy',
      sessionId: '',
      protocolVersion: '2025-06-18',
      capabilities: {},
    });
  }

  const say = (response: ServerResponse, message: object) =>
    response.write(
      `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`,
    );
  const log = (data: string) => ({
    method: 'notifications/message',
    params: { level: 'info', data },
  });

  it('has the answer before the stream ends, hears nothing more of it, and ends it', async () => {
    const ended = new Promise<void>(resolve => {
      answer = async (response, id) => {
        response.once('close', resolve);
        say(response, log('before'));
        say(response, { id, result: RESULT });
        await sleep(300);
        say(response, log('after'));
      };
    });
    const started = performance.now();
    expect(await send()).toEqual(RESULT);
    expect(performance.now() - started).toBeLessThan(250);
    await ended;
    expect(heard).toEqual(['before']);
  });

  it('keeps the connection when the stream ends a moment after the answer', async () => {
    answer = async (response, id) => {
      say(response, { id, result: RESULT });
      await sleep(20);
      response.end();
    };
    for (let i = 0; i < 8; i++) {
      expect(await send()).toEqual(RESULT);
      await sleep(100);
    }
    expect(connections.size).toBeLessThan(4);
  });

  it('goes on with a stream that ended with the promise to go on', async () => {
    let asked: unknown;
    answer = (response, id, { headers }) => {
      if (headers['last-event-id'] === '7') {
        say(response, { id: asked, result: RESULT });
      } else {
        asked = id;
        response.write('id: 7\nretry: 10\ndata:\n\n');
      }
      response.end();
    };
    expect(await send()).toEqual(RESULT);
  });

  it('fails at once when the stream ends without an answer', async () => {
    answer = response => {
      say(response, log('before'));
      response.end();
    };
    const started = performance.now();
    await expect(send()).rejects.toThrow('The server ended without an answer');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(heard).toEqual(['before']);
  });

  it('ends the stream when nobody wants the answer any more', async () => {
    const controller = new AbortController();
    const ended = new Promise<void>(resolve => {
      answer = response => {
        response.once('close', resolve);
        response.flushHeaders();
        controller.abort('enough');
      };
    });
    await expect(send(controller.signal)).rejects.toThrow('enough');
    await ended;
  });
});
