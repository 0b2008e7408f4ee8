import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Client } from '@modelcontextprotocol/client';
import { TcpProxy } from '../audit/__testUtils__/TcpProxy';
import { clientHeaders, rpc, send } from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

const POSTGRES = 'POSTGRES_15';
const databases = TestDatabases.create({ ids: [POSTGRES] });
const describeOnPostgres = databases.supports(POSTGRES)
  ? describe
  : describe.skip;

const READS = { annotations: { readOnlyHint: true } };
const ABOUT_THE_DATABASE =
  /ECONNREFUSED|insert into|select |update |knex|pg_|postgres|127\.0\.0\.1|audit_records|Connection terminated/i;

describeOnPostgres('a portal without its database', () => {
  let tracker: ToolServer;
  let proxy: TcpProxy;
  let portal: TestPortal;
  let folder: string;
  let legacy: Client;

  beforeAll(async () => {
    tracker = await startToolServer([
      { name: 'list', ...READS },
      { name: 'create' },
    ]);
    const database = await databases.init(POSTGRES);
    proxy = await TcpProxy.start(database);
    folder = mkdtempSync(join(tmpdir(), 'policies-'));
    writeFileSync(
      join(folder, 'p.cedar'),
      '@id("create")\npermit (principal, action == Action::"call_tool", resource) when { resource.name == "create" };',
    );
    const {
      user,
      password,
      database: name,
    } = database.client.connectionSettings;
    portal = await startPortal({
      servers: { tracker: tracker.url },
      backend: {
        database: {
          client: 'pg',
          pluginDivisionMode: 'schema',
          connection: {
            host: '127.0.0.1',
            port: proxy.port,
            user,
            password,
            database: name,
          },
          knexConfig: { acquireConnectionTimeout: 1_000, pool: { min: 0 } },
        },
      },
      config: {
        policy: { files: [join(folder, 'p.cedar')] },
        audit: { commitTimeout: { milliseconds: 500 } },
      },
      features: [databaseServiceFactory],
    });
    legacy = await portal.connect({}, { era: 'legacy' });
  });

  afterAll(async () => {
    await legacy?.close();
    await portal?.stop();
    await proxy?.cut();
    await tracker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const answerOf = async (method: string, params = {}, headers = {}) =>
    send(portal.endpoint(), {
      headers: { ...clientHeaders(portal.tokenOf()), ...headers },
      body: rpc(method, params),
    });
  const create = () =>
    answerOf('tools/call', { name: 'tracker_create', arguments: {} });

  it('keeps its last good policies when a file of them breaks', async () => {
    expect((await create()).message.result.isError).toBeFalsy();
    writeFileSync(join(folder, 'p.cedar'), 'permit (principal, ');
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect((await create()).message.result.isError).toBeFalsy();
    rmSync(join(folder, 'p.cedar'));
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect((await create()).message.result.isError).toBeFalsy();
  });

  it('calls nothing, says so without a word about the database, and goes on when it is back', async () => {
    expect((await create()).message.result.isError).toBeFalsy();
    const asked = tracker.calls.length;
    await proxy.cut();
    // The first may find out; nothing after it reaches a server.
    const first = await create();
    const reached = tracker.calls.length;
    expect(reached - asked).toBeLessThanOrEqual(1);
    for (const answer of [
      first,
      await create(),
      await answerOf('tools/list'),
    ]) {
      expect(answer.text).not.toMatch(ABOUT_THE_DATABASE);
      expect(
        answer.message.error ?? answer.message.result.isError,
      ).toBeTruthy();
    }
    expect(tracker.calls).toHaveLength(reached);
    await proxy.restore();
    const deadline = Date.now() + 15_000;
    for (;;) {
      const { message } = await create();
      if (message?.result && !message.result.isError) {
        break;
      }
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    expect((await legacy.listTools()).tools.length).toBeGreaterThan(2);
  });

  it('keeps nobody waiting for a session while its database hangs, and says when to come again', async () => {
    const token = portal.tokenOf();
    const initialize = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const ask = (
      session?: string,
      method = 'POST',
      body = rpc('initialize', initialize),
    ) =>
      send(portal.endpoint(), {
        method,
        headers: {
          ...clientHeaders(token),
          ...(session && { 'mcp-session-id': session }),
        },
        body: method === 'POST' ? body : undefined,
      });
    const begun = await ask();
    const session = String(begun.headers['mcp-session-id']);
    // A replica remembers a session for two seconds.
    await new Promise(resolve => setTimeout(resolve, 2_100));
    proxy.hang();
    const started = performance.now();
    const answers = await Promise.all([
      ask(),
      ask(session, 'POST', rpc('tools/list')),
      ask('unknown', 'POST', rpc('tools/list')),
      ask(session, 'GET'),
      ask(session, 'DELETE'),
    ]);
    expect(performance.now() - started).toBeLessThan(5_000);
    for (const { status, headers, text, message } of answers) {
      expect([status, headers['retry-after']]).toEqual([503, '5']);
      expect(message.error.message).toContain('Try again');
      expect(text).not.toMatch(ABOUT_THE_DATABASE);
    }

    await proxy.cut();
    await proxy.restore();
    const deadline = Date.now() + 15_000;
    let status = 0;
    while (status !== 200) {
      expect(Date.now()).toBeLessThan(deadline);
      ({ status } = await ask(session, 'POST', rpc('ping')));
    }
  });

  it('goes on without the connections that do not answer, when new ones do', async () => {
    expect((await create()).message.result.isError).toBeFalsy();
    await new Promise(resolve => setTimeout(resolve, 2_100));
    proxy.silence();
    const deadline = Date.now() + 15_000;
    for (;;) {
      const { message } = await create();
      if (message?.result && !message.result.isError) {
        break;
      }
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    // The backend cannot stop with connections on which nothing passes.
    await proxy.cut();
    await proxy.restore();
  });
});

describe('a configuration that cannot be used', () => {
  it.each([
    [{ guardrails: { actions: [{ action: 'drop' }] } }, 'mcpPortal.guardrails'],
    [
      { guardrails: { actions: { all: 'off' } } },
      'mcpPortal.guardrails.actions',
    ],
    [
      { guardrails: { actions: [{ action: 'off', servers: 'a' }] } },
      'mcpPortal.guardrails.actions',
    ],
    [
      { guardrails: { patterns: [{ id: 'x', pattern: '(' }] } },
      'mcpPortal.guardrails',
    ],
    [{ policy: { policies: 'permit (' } }, 'mcpPortal.policy'],
    [{ portals: { 'a/b': {} } }, 'mcpPortal.portals.a/b'],
    [{ portals: { a: { allow: [] } } }, 'mcpPortal.portals.a.allow'],
    [
      { portals: { a: { allow: 'public', classes: ['write'] } } },
      'mcpPortal.portals.a.classes',
    ],
    [{ calls: { timeout: { seconds: 0 } } }, 'mcpPortal.calls.timeout'],
    [{ audit: { onFailure: 'ignore' } }, 'mcpPortal.audit.onFailure'],
  ])('is told at start by its key: %j', async (config, key) => {
    await expect(startPortal({ servers: {}, config })).rejects.toThrow(key);
  });
});
