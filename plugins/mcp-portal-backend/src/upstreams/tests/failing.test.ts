import { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { mockServices } from '@backstage/backend-test-utils';
import { noApis } from '../../apis/__testUtils__/noApis';
import { startServer, TestServer } from '../../__testUtils__/startServer';
import { portalCaller } from '../../callers/portalCaller';
import { Handshake, upstreamFetch, UpstreamRequest, Upstreams } from '..';
import type { Fetch } from '../BoundedFetch';
import { retryAfterSeconds } from '../failures';

jest.setTimeout(30_000);

/** Failures in a row after which a server is left alone. */
const FAILURES = 5;

const KNOWN: Handshake = {
  era: 'legacy',
  sessionId: '',
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
};

describe('a server that fails', () => {
  let server: TestServer;
  let requests: number;
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown;

  beforeEach(async () => {
    requests = 0;
    server = await startServer((request, response) => {
      requests++;
      return answer(request, response);
    });
  });
  afterEach(() => server.stop());

  /** @param options.changed - what `fetchFor` gives, instead of the real thing */
  function start({
    changed = (fetch: Fetch) => fetch,
    refused = 'authorize' as 'authorize' | 'retry',
    session = '',
  } = {}) {
    let credentials = 0;
    const logger = mockServices.logger.mock();
    const fetchFor = upstreamFetch({ logger });
    const upstreams = new Upstreams({
      specifications: noApis,
      sessions: {
        find: async () => ({ ...KNOWN, sessionId: session }),
        keep: async () => undefined,
        forget: async () => undefined,
      } as never,
      signIn: {
        headersFor: async () => ({
          authorization: `Bearer ${++credentials}`,
        }),
        refused: async () => refused,
        grantedScopes: async () => undefined,
        connectUrlOf: () => '',
        partitionOf: () => '',
      },
      fetchFor: upstream => changed(fetchFor(upstream)),
      logger,
      version: '1',
    });
    const call = async (more: Partial<UpstreamRequest> = {}) =>
      upstreams
        .request({
          server: {
            entityRef: 'api:default/tracker',
            name: 'tracker',
            remotes: [{ type: 'streamable-http', url: server.url }],
          },
          caller: portalCaller({ auth: mockServices.auth() }),
          client: { session: 'of the test', capabilities: {} },
          method: 'tools/call',
          params: { name: 'list', arguments: {} },
          repeatable: false,
          signal: new AbortController().signal,
          timeoutMs: 500,
          ...more,
        })
        .catch(error => error);
    const failures = async (calls: number) => {
      const found: string[] = [];
      for (let index = 0; index < calls; index++) {
        found.push((await call()).failure);
      }
      return found;
    };
    return { call, failures };
  }

  it.each([
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'refused'],
    [409, 'refused'],
    [422, 'refused'],
    [429, 'busy'],
  ])(
    'is asked on when it refuses requests with %s, which it may not do to others',
    async (status, failure) => {
      answer = (_, response) => response.writeHead(status).end();
      const { failures } = start();
      expect(await failures(FAILURES + 2)).toEqual(
        Array(FAILURES + 2).fill(failure),
      );
      expect(requests).toBeGreaterThanOrEqual(FAILURES + 2);
    },
  );

  it.each<[string, string, typeof answer]>([
    ['500', 'unreachable', (_, response) => response.writeHead(500).end()],
    ['503', 'unreachable', (_, response) => response.writeHead(503).end()],
    ['no connection', 'unreachable', request => request.socket.destroy()],
    ['no answer', 'timeout', () => {}],
    [
      'the page of something in between',
      'protocol',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<h1>Maintenance</h1>'),
    ],
  ])(
    'is left alone for a moment when it answers several times with %s',
    async (_, failure, answers) => {
      answer = answers;
      const { failures } = start();
      expect(await failures(FAILURES)).toEqual(Array(FAILURES).fill(failure));
      const before = requests;
      expect(await failures(2)).toEqual(['open', 'open']);
      expect(requests).toBe(before);
    },
  );

  it('is asked again by what may not happen twice only when there was no connection', async () => {
    answer = request => request.socket.destroy();
    expect((await start().call()).failure).toBe('unreachable');
    expect(requests).toBe(1);

    const closed = await startServer(() => {});
    await closed.stop();
    let tries = 0;
    answer = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: 0, result: { done: true } }));
    const unlucky = upstreamFetch({ logger: mockServices.logger.mock() })({
      remotes: [{ url: closed.url }],
    });
    const { call } = start({
      changed: fetch => (url, init) =>
        tries++ ? fetch(url, init) : unlucky(closed.url, init),
    });
    expect(await call()).toEqual({ done: true });
    expect(requests).toBe(2);
  });

  describe('that has begun a call which may not happen twice', () => {
    const QUESTION = JSON.stringify({
      jsonrpc: '2.0',
      id: 'question',
      method: 'elicitation/create',
      params: { message: 'Sure?' },
    });

    /** A stream that begins with an event, and ends before the answer. */
    const stream = (event: string) => (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${event}\n\n`);
      setTimeout(() => response.end(), 100);
    };

    it.each([400, 401, 404])(
      'is not sent it again when it refuses with %s what belongs to the call',
      async status => {
        for (const begins of [
          // Times out, and is cancelled.
          () => {},
          // Asks, and gets an answer.
          stream(`data: ${QUESTION}`),
          // Can be asked for the rest.
          stream('id: 1\ndata: '),
        ]) {
          const received: string[] = [];
          answer = async (request, response) => {
            const body = await text(request);
            const { method } = body ? JSON.parse(body) : { method: undefined };
            received.push(method ?? request.method);
            if (method === 'tools/call') {
              begins(response);
            } else {
              response.writeHead(status).end();
            }
          };
          const { call } = start({ refused: 'retry', session: 'known' });
          const error = await call({
            timeoutMs: 1_000,
            client: { session: 'a', capabilities: { elicitation: {} } },
            onRequest: async () => ({ action: 'accept' }),
          });
          expect(['timeout', 'unreachable']).toContain(error.failure);
          expect(received.length).toBeGreaterThan(1);
          expect(received.filter(what => what === 'tools/call')).toHaveLength(
            1,
          );
        }
      },
    );

    it('is answered with the credential of now, and not with that of the beginning', async () => {
      const credentials: Array<string | undefined> = [];
      answer = async (request, response) => {
        credentials.push(request.headers.authorization);
        if (JSON.parse(await text(request)).method === 'tools/call') {
          stream(`data: ${QUESTION}`)(response);
        } else {
          response.writeHead(202).end();
        }
      };
      await start().call({
        timeoutMs: 1_000,
        client: { session: 'a', capabilities: { elicitation: {} } },
        onRequest: async () => ({ action: 'accept' }),
      });
      expect(credentials).toEqual(['Bearer 1', 'Bearer 2']);
    });
  });

  it('is not asked again at once when it says when to come back, and the caller is told', async () => {
    answer = (_, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end();
    const { call } = start();
    const error = await call({ repeatable: true });
    expect(error.message).toBe(
      'The server "tracker" takes no more requests for a moment; try again later, in 7 s at the earliest',
    );
    expect(requests).toBe(1);
  });

  it('says when to come back in seconds or as a date, and nonsense counts for nothing', () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    expect(retryAfterSeconds(date)).toBeGreaterThanOrEqual(28);
    expect(retryAfterSeconds(date)).toBeLessThanOrEqual(30);
    for (const header of [
      undefined,
      '',
      '-5',
      '0',
      '1e9',
      '99999999',
      'soon',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ]) {
      expect(retryAfterSeconds(header)).toBeUndefined();
    }
  });
});
