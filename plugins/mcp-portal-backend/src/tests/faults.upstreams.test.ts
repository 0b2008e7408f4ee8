import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { Client } from '@modelcontextprotocol/client';
import {
  answerWith,
  FaultyServer,
  startFaultyServer,
} from '../__testUtils__/faultyServer';
import { auditRecords } from '../__testUtils__/pages';
import {
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startServer, TestServer } from '../__testUtils__/startServer';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

/** Shaped as a real one. */
const SECRET = `ghp_${'x9Kq2mV7pLwR4tYzB8nC'.repeat(2).slice(0, 36)}`;

const BOMB = gzipSync(Buffer.alloc(40 * 1024 * 1024));

const READS = { annotations: { readOnlyHint: true } };

const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream' };

/** 50 MB, without having them in memory. */
async function writeLarge(response: ServerResponse) {
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const content = Readable.from(Array<Buffer>(50).fill(megabyte));
  // The portal closes the connection before the end.
  await pipeline(content, response).catch(() => {});
}

/** An older server with sessions, which forgets them when it is told to. */
async function startSessionServer() {
  const sessions = new Set<string>();
  const handshakes: string[] = [];
  const answers: string[] = [];
  const server = await startServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const message = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    const answer = (status: number, body?: object, headers = {}) => {
      response.writeHead(status, { ...json, ...headers });
      response.end(body && JSON.stringify({ jsonrpc: '2.0', ...body }));
    };
    const { id } = message;
    if (message.method === 'initialize') {
      const session = randomUUID();
      sessions.add(session);
      handshakes.push(session);
      answer(
        200,
        {
          id,
          result: {
            protocolVersion: '2025-06-18',
            capabilities: { tools: {} },
            serverInfo: { name: 'old', version: '1' },
          },
        },
        { 'mcp-session-id': session },
      );
      return;
    }
    const session = String(request.headers['mcp-session-id']);
    if (!sessions.has(session)) {
      answer(message.method === 'server/discover' ? 400 : 404, {
        id: null,
        error: { code: -32001, message: 'Session not found' },
      });
      return;
    }
    switch (message.method) {
      case 'tools/list':
        answer(200, {
          id,
          result: {
            tools: [
              { name: 'work', inputSchema: { type: 'object' }, ...READS },
            ],
          },
        });
        return;
      case 'tools/call':
        answers.push(session);
        answer(200, {
          id,
          result: { content: [{ type: 'text', text: 'done' }] },
        });
        return;
      default:
        answer(202);
    }
  });
  return { ...server, sessions, handshakes, answers };
}

describe('a portal in front of servers that fail', () => {
  let faulty: FaultyServer;
  let good: ToolServer;
  let old: Awaited<ReturnType<typeof startSessionServer>>;
  let elsewhere: TestServer;
  let portal: TestPortal;
  const reachedElsewhere: IncomingMessage['headers'][] = [];
  const aborted: string[] = [];
  let writes = 0;

  beforeAll(async () => {
    elsewhere = await startServer((request, response) => {
      reachedElsewhere.push(request.headers);
      response.end('{}');
    });
    faulty = await startFaultyServer(
      {
        dies: response => response.destroy(),
        hangs: (response, _message, request) => {
          request.socket.once('close', () => aborted.push('hangs'));
          response.once('close', () => aborted.push('response'));
        },
        html: response => {
          response.writeHead(200, { 'content-type': 'text/html' });
          response.end('<html><body>Sign in first</body></html>');
        },
        brokenJson: response => {
          response.writeHead(200, json);
          response.end('{"jsonrpc":"2.0","id":');
        },
        otherId: response => {
          response.writeHead(200, json);
          response.end(
            '{"jsonrpc":"2.0","id":"another","result":{"content":[]}}',
          );
        },
        noAnswer: response => {
          response.writeHead(200, stream);
          response.end(': nothing\n\n');
        },
        accepted: response => {
          response.writeHead(202);
          response.end();
        },
        noResult: (response, { id }) => {
          response.writeHead(200, json);
          response.end(JSON.stringify({ jsonrpc: '2.0', id, result: 'text' }));
        },
        large: async (response, { id }) => {
          response.writeHead(200, json);
          response.write(`{"jsonrpc":"2.0","id":${id},"result":{"x":"`);
          await writeLarge(response);
        },
        largeEvent: async response => {
          response.writeHead(200, stream);
          response.write('data: ');
          await writeLarge(response);
        },
        bomb: response => {
          response.writeHead(200, { ...json, 'content-encoding': 'gzip' });
          response.end(BOMB);
        },
        redirects: response => {
          response.writeHead(307, { location: elsewhere.url });
          response.end();
        },
        cookies: (response, { id }) => {
          response.writeHead(200, {
            ...json,
            'set-cookie': 'stolen=1',
            'x-powered-by': 'planted-header',
            'access-control-allow-origin': '*',
            link: '<https://evil.example>; rel=preload',
          });
          response.end(
            JSON.stringify({
              jsonrpc: '2.0',
              id,
              result: {
                resultType: 'complete',
                content: [{ type: 'text', text: 'fine' }],
              },
            }),
          );
        },
        strange: answerWith({ content: 'no list', isError: 'yes' }),
        talks: (response, { id }) => {
          response.writeHead(200, stream);
          for (const message of [
            {
              method: 'notifications/message',
              params: { level: 'info', data: `key ${SECRET}` },
            },
            {
              id,
              result: {
                resultType: 'complete',
                content: [{ type: 'text', text: 'fine' }],
              },
            },
          ]) {
            response.write(
              `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`,
            );
          }
          response.end();
        },
        fails: response => {
          response.writeHead(500, json);
          response.end('stack trace of the server');
        },
      },
      [{ name: 'fine', ...READS }],
    );
    faulty.faults.write = response => {
      writes++;
      response.destroy();
    };
    faulty.tools.push({ name: 'write' });
    good = await startToolServer([{ name: 'work', ...READS }]);
    old = await startSessionServer();
    portal = await startPortal({
      servers: { faulty: faulty.url, good: good.url, old: old.url },
      config: {
        calls: { timeout: { seconds: 3 } },
        policy: {
          policies:
            '@id("write")\npermit (principal, action == Action::"call_tool", resource) when { resource.name == "write" };',
        },
        portals: { default: { rateLimit: { requests: 10_000 } } },
      },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await faulty?.stop();
    await good?.stop();
    await old?.stop();
    await elsewhere?.stop();
  });

  let client: Client;
  const call = (name: string, by: Client = client) =>
    by.callTool({ name, arguments: {} });

  beforeEach(async () => {
    client = await portal.connect({ uuid: randomUUID() });
    // Failures in a row would open the breaker.
    await call('faulty_fine');
  });
  afterEach(() => client.close());

  const textOf = ({ content }: { content?: unknown }) =>
    JSON.stringify(content);

  it.each([
    ['dies', 'cannot be reached'],
    ['hangs', 'did not answer in time'],
    ['html', 'not MCP'],
    ['brokenJson', 'not MCP'],
    ['otherId', 'not MCP'],
    ['noAnswer', 'cannot be reached'],
    ['accepted', 'not MCP'],
    ['noResult', 'not MCP'],
    ['large', 'too large'],
    ['largeEvent', 'too large'],
    ['bomb', 'too large'],
    ['redirects', 'not MCP'],
    ['strange', 'not MCP'],
    ['fails', 'cannot be reached'],
  ])(
    'says what is wrong when a call %s, in both eras, and works on',
    async (tool, problem) => {
      const legacy = await portal.connect({}, { era: 'legacy' });
      try {
        await Promise.all(
          [client, legacy].map(async by => {
            const result = await call(`faulty_${tool}`, by);
            expect(result.isError).toBe(true);
            expect(textOf(result)).toMatch(problem);
            expect(textOf(result)).not.toMatch(/stack trace|127\.0\.0\.1/);
            expect((await call('good_work', by)).isError).toBeFalsy();
            expect((await call('faulty_fine', by)).isError).toBeFalsy();
          }),
        );
      } finally {
        await legacy.close();
      }
    },
  );

  it('follows no redirect to another host', () => {
    expect(reachedElsewhere).toEqual([]);
  });

  it('keeps what is too large out of memory', async () => {
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 4; i++) {
      await call('faulty_large');
      await call('faulty_fine');
    }
    const grown = process.memoryUsage().rss - before;
    expect(grown).toBeLessThan(150 * 1024 * 1024);
  });

  it('calls a tool that writes no second time when the connection breaks', async () => {
    writes = 0;
    const result = await call('faulty_write');
    expect(result.isError).toBe(true);
    expect(writes).toBe(1);
  });

  it.each(['otherId', 'noAnswer', 'accepted'])(
    'does not wait for an answer that cannot come any more: %s',
    async tool => {
      faulty.requests.length = 0;
      const started = performance.now();
      expect((await call(`faulty_${tool}`)).isError).toBe(true);
      expect(performance.now() - started).toBeLessThan(1_000);
      // It only reads, and the server may have been restarted.
      expect(faulty.requests.map(request => request.tool)).toEqual([
        tool,
        tool,
      ]);
    },
  );

  it('calls a tool that writes no second time when the server ends without an answer', async () => {
    writes = 0;
    const broken = faulty.faults.write;
    faulty.faults.write = response => {
      writes++;
      response.writeHead(200, stream);
      response.end(': nothing\n\n');
    };
    const started = performance.now();
    const result = await call('faulty_write');
    faulty.faults.write = broken;
    expect(textOf(result)).toContain('cannot be reached');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(writes).toBe(1);
  });

  it.each(['auto', 'legacy'] as const)(
    'ends the call at the server when the client cancels it (%s)',
    async era => {
      const by = await portal.connect({}, { era });
      aborted.length = 0;
      faulty.requests.length = 0;
      const controller = new AbortController();
      const started = performance.now();
      const pending = by.callTool(
        { name: 'faulty_hangs', arguments: {} },
        { signal: controller.signal },
      );
      while (!faulty.requests.some(({ tool }) => tool === 'hangs')) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      controller.abort('enough');
      await expect(pending).rejects.toThrow();
      while (!aborted.includes('response')) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      expect(performance.now() - started).toBeLessThan(1_400);
      await by.close();
    },
  );

  it('passes no header of a server on', async () => {
    for (const sent of [
      { headers: {}, body: rpc('tools/call', { name: 'faulty_cookies' }) },
      modernRpc('tools/call', { name: 'faulty_cookies', arguments: {} }),
    ]) {
      const answer = await send(portal.endpoint(), {
        headers: { ...clientHeaders(portal.tokenOf()), ...sent.headers },
        body: sent.body,
      });
      expect(answer.message.result.content).toEqual([
        { type: 'text', text: 'fine' },
      ]);
      expect(JSON.stringify(answer.headers)).not.toMatch(
        /stolen|planted|evil\.example|"access-control-allow-origin"/,
      );
    }
  });

  it('inspects what a server says while it works', async () => {
    const by = await portal.connect({}, { era: 'legacy' });
    const heard = new Promise<string>(resolve => {
      by.setNotificationHandler('notifications/message', ({ params }) =>
        resolve(JSON.stringify(params)),
      );
    });
    expect((await call('faulty_talks', by)).isError).toBeFalsy();
    const text = await heard;
    expect(text).toContain('[redacted');
    expect(text).not.toContain(SECRET);
    const [record] = await auditRecords(portal, 'target=talks');
    expect(record.findings).toEqual([
      {
        detector: 'secret.github-token',
        action: 'redact',
        direction: 'result',
        count: 1,
      },
    ]);
    await by.close();
  });

  it('begins a new session with a server that does not know the old one any more', async () => {
    expect((await call('old_work')).isError).toBeFalsy();
    const [used] = old.answers.slice(-1);
    old.sessions.clear();
    expect((await call('old_work')).isError).toBeFalsy();
    expect(old.answers.at(-1)).not.toBe(used);
    expect(old.answers.at(-1)).toBe(old.handshakes.at(-1));
  });

  it('shares no session with a server between two users', async () => {
    const other = await portal.connect({
      uuid: randomUUID(),
      connectionId: randomUUID(),
    });
    await call('old_work');
    const [mine] = old.answers.slice(-1);
    await call('old_work', other);
    expect(old.answers.at(-1)).not.toBe(mine);
    await other.close();
  });

  it('leaves a server alone that fails again and again, lists the others, and asks it again later', async () => {
    faulty.down = response => response.destroy();
    try {
      for (let i = 0; i < 5; i++) {
        expect(textOf(await call('faulty_fine'))).toContain(
          'cannot be reached',
        );
      }
      const asked = faulty.requests.length;
      expect(textOf(await call('faulty_fine'))).toContain(
        'is not asked for a moment',
      );
      expect(faulty.requests).toHaveLength(asked);
      expect((await call('good_work')).isError).toBeFalsy();
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['good_work', 'faulty_fine', 'old_work']),
      );
    } finally {
      faulty.down = undefined;
    }
    const later = Date.now() + 16_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
    try {
      expect((await call('faulty_fine')).isError).toBeFalsy();
    } finally {
      clock.mockRestore();
    }
    expect((await call('faulty_fine')).isError).toBeFalsy();
  });
});
