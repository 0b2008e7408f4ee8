import { randomUUID } from 'node:crypto';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { AgentAuthenticationError } from '@prompt-corner/plugin-agent-auth-node';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

const initialize = (clientInfo: object = { name: 'test', version: '1' }) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
});

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

describe('what lasts longer than a request', () => {
  let database: Knex;
  let server: ToolServer;
  let portal: TestPortal;

  beforeAll(async () => {
    server = await startToolServer([
      { name: 'look', annotations: { readOnlyHint: true } },
    ]);
    database = await databases.init('SQLITE_3');
    portal = await startPortal({
      servers: { tracker: server.url },
      features: [
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) => ({
            getClient: async () =>
              plugin.getId() === 'mcp-portal'
                ? database
                : databases.init('SQLITE_3'),
          }),
        }),
      ],
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await server?.stop();
  });

  const post = (token: string, body: object, session?: string) =>
    fetch(portal.endpoint(), {
      method: 'POST',
      headers: {
        ...HEADERS,
        authorization: `Bearer ${token}`,
        ...(session && { 'mcp-session-id': session }),
      },
      body: JSON.stringify(body),
    });

  it('ends when the token is revoked', async () => {
    const token = portal.tokenOf();
    const begun = await post(token, initialize());
    const session = begun.headers.get('mcp-session-id')!;
    const stream = await fetch(portal.endpoint(), {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        'mcp-session-id': session,
      },
    });
    expect(stream.status).toBe(200);
    portal.agentAuth.giveToken(
      token,
      new AgentAuthenticationError('invalid_token', 'Revoked'),
    );
    // Ends by itself, and not by the time limit of the test.
    expect(await stream.text()).not.toContain('data:');
    expect((await post(token, initialize(), session)).status).toBe(401);
  });

  it('begins for no client that says too much of itself', async () => {
    const response = await post(
      portal.tokenOf(),
      initialize({ name: 'x'.repeat(20_000), version: '1' }),
    );
    expect(response.status).toBe(400);
    expect(response.headers.get('mcp-session-id')).toBeNull();
  });

  it('stores no answer to what nobody asked', async () => {
    const token = portal.tokenOf();
    const begun = await post(token, initialize());
    const session = begun.headers.get('mcp-session-id')!;
    for (const id of [
      1,
      'x'.repeat(1_000_000),
      `${randomUUID()}.${'A'.repeat(43)}:0`,
    ]) {
      const answer = { jsonrpc: '2.0', id, result: { any: 'thing' } };
      expect((await post(token, answer, session)).status).toBe(202);
    }
    expect(await database('client_messages')).toEqual([]);
    // A cancellation of anything is kept once, whatever it is.
    const cancelled = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'y'.repeat(100_000), reason: 'z'.repeat(100_000) },
    };
    await post(token, cancelled, session);
    await post(token, cancelled, session);
    const rows = await database('client_messages');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows).length).toBeLessThan(1_000);
  });
});
