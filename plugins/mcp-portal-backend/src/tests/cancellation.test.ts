import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  endlessTool,
  EverythingServer,
  EverythingTool,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { auditRecords } from '../__testUtils__/pages';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import type { TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(20_000);

const PAIRS = CLIENT_KINDS.flatMap(kind =>
  (['old', 'new'] as const).map(server => ({ kind, server })),
);

/** Of calls, without a sign of life. */
const TIMEOUT_MS = 5_000;

const SLOW = ['v1', 'v2_legacy'].flatMap(kind =>
  ['old', 'new'].map(server => `slow_${kind}_${server}`),
);

describe('a call that a client cancels', () => {
  const events = new EventEmitter();
  const endless = endlessTool(events);
  /** Each works until it is told to finish; one for each test, to find its record. */
  const slow = SLOW.map(
    (name): EverythingTool => ({
      name,
      description: 'Takes its time',
      inputSchema: { type: 'object' },
      run: async (_, ctx) => {
        events.emit('started', { signal: ctx.mcpReq.signal });
        await once(events, 'finish');
        return { content: [{ type: 'text', text: 'done' }] };
      },
    }),
  );
  /** Tells progress until it is cancelled. */
  const ticking: EverythingTool = {
    name: 'ticking',
    description: 'Tells progress until it is cancelled',
    inputSchema: { type: 'object' },
    run: async (_, ctx) => {
      events.emit('started');
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (let progress = 1; !ctx.mcpReq.signal.aborted; progress++) {
        await ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: progressToken!, progress },
        });
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      events.emit('cancelled');
      return { content: [] };
    },
  };
  const asking: EverythingTool = {
    name: 'asking',
    description: 'Asks when it is told to',
    inputSchema: { type: 'object' },
    run: async (_, ctx) => {
      events.emit('started');
      await once(events, 'finish');
      try {
        await ctx.mcpReq.send({ method: 'roots/list' });
      } catch (error) {
        events.emit('refused', error);
      }
      return { content: [] };
    },
  };
  const tools = [endless, ticking, asking, ...slow];
  const servers: Record<string, EverythingServer> = {};
  let portal: TestPortal;

  beforeAll(async () => {
    servers.old = await startEverythingServer({
      eras: ['legacy'],
      tools,
    });
    servers.new = await startEverythingServer({
      eras: ['modern'],
      tools,
    });
    portal = await startOriginalPortal(
      { old: servers.old.url, new: servers.new.url },
      { config: { calls: { timeout: { milliseconds: TIMEOUT_MS } } } },
    );
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  const connect = (kind: ClientKind, server: string) =>
    connectClient({
      kind,
      url: portal.endpoint(server),
      token: portal.tokenOf(),
    });
  const call = { name: 'endless', arguments: {} };

  it.each(PAIRS)(
    'ends at the server too ($kind client, $server server)',
    async ({ kind, server }) => {
      const client = await connect(kind, server);
      const cancel = new AbortController();
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      const called = client.request('tools/call', call, {
        signal: cancel.signal,
      });
      await started;
      cancel.abort('Not wanted any more');

      await expect(called).rejects.toThrow();
      await cancelled;
      expect(
        await client.request('tools/call', {
          name: 'test_simple_text',
          arguments: {},
        }),
      ).toMatchObject({ content: [{ type: 'text' }] });
      await client.close();
    },
  );

  /** A client whose connections can be cut, with the id of its session. */
  const connectToLose = async (kind: ClientKind, server: string) => {
    const gone = new AbortController();
    const token = portal.tokenOf({ uuid: randomUUID() });
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    let callId: unknown;
    const client = await connectClient({
      kind,
      url: portal.endpoint(server),
      token,
      fetch: async (url, init) => {
        const body = init?.body ? JSON.parse(String(init.body)) : {};
        callId = body.method === 'tools/call' ? body.id : callId;
        const response = await fetch(url, {
          ...init,
          signal: AbortSignal.any([
            gone.signal,
            ...(init?.signal ? [init.signal] : []),
          ]),
        });
        const session = response.headers.get('mcp-session-id');
        if (session) {
          headers['mcp-session-id'] = session;
        }
        return response;
      },
    });
    return {
      client,
      lose: () => gone.abort(),
      /** As the same client would once it has a connection again. */
      send: (method: string, message?: object) =>
        fetch(portal.endpoint(server), {
          method,
          headers,
          body: message && JSON.stringify({ jsonrpc: '2.0', ...message }),
        }),
      cancellation: () => ({
        method: 'notifications/cancelled',
        params: { requestId: callId },
      }),
    };
  };
  /** The record of the last call, when there is one. */
  const recordOf = async (target: string) => {
    for (;;) {
      const [record] = await auditRecords(
        portal,
        `action=tools/call&target=${target}`,
      );
      if (record) {
        return record;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  };

  it.each(['old', 'new'])(
    'by closing the stream of its answer ends at the server too (v2 client, %s server)',
    async server => {
      const { client, lose } = await connectToLose('v2', server);
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      client.request('tools/call', call).catch(() => {});
      await started;
      lose();

      await expect(cancelled).resolves.toEqual([]);
      await client.close();
    },
  );

  const SESSIONS = PAIRS.filter(({ kind }) => kind !== 'v2');

  it.each(SESSIONS)(
    'is another than one whose connection is lost: that goes on, and is recorded as it ends ($kind client, $server server)',
    async ({ kind, server }) => {
      const name = `slow_${kind.replace(' ', '_')}_${server}`;
      const { client, lose } = await connectToLose(kind, server);
      const started = once(events, 'started');
      client.request('tools/call', { name, arguments: {} }).catch(() => {});
      const [{ signal }] = await started;
      lose();
      await new Promise(resolve => setTimeout(resolve, 300));
      expect(signal.aborted).toBe(false);
      events.emit('finish');

      expect(await recordOf(name)).toMatchObject({ outcome: 'ok' });
      await client.close();
    },
  );

  it.each(SESSIONS)(
    'can still be cancelled when the connection is lost ($kind client, $server server)',
    async ({ kind, server }) => {
      const { client, lose, send, cancellation } = await connectToLose(
        kind,
        server,
      );
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      client.request('tools/call', call).catch(() => {});
      await started;
      lose();
      const since = performance.now();
      expect((await send('POST', cancellation())).status).toBe(202);

      await cancelled;
      expect(performance.now() - since).toBeLessThan(TIMEOUT_MS - 1_000);
      expect(await recordOf('endless')).toMatchObject({ outcome: 'cancelled' });
      await client.close();
    },
  );

  it.each([true, false])(
    'ends with its session (connection lost: %s)',
    async isLost => {
      const { client, lose, send } = await connectToLose('v1', 'new');
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      client.request('tools/call', call).catch(() => {});
      await started;
      if (isLost) {
        lose();
      }
      const since = performance.now();
      expect((await send('DELETE')).status).toBe(204);

      await cancelled;
      // Sooner than by the time limit.
      expect(performance.now() - since).toBeLessThan(TIMEOUT_MS - 1_000);
      await client.close();
    },
  );

  it('ends in time when the connection is lost, whatever progress the server tells', async () => {
    const { client, lose } = await connectToLose('v1', 'new');
    const started = once(events, 'started');
    const cancelled = once(events, 'cancelled');
    client
      .request(
        'tools/call',
        { name: 'ticking', arguments: {} },
        { onprogress: () => {}, timeout: 60_000 },
      )
      .catch(() => {});
    await started;
    const since = performance.now();
    lose();

    await cancelled;
    const elapsedMs = performance.now() - since;
    expect(elapsedMs).toBeGreaterThan(TIMEOUT_MS - 100);
    expect(elapsedMs).toBeLessThan(TIMEOUT_MS + 1_000);
    await client.close();
  });

  it('waits for no answer of a user who cannot be asked any more', async () => {
    const { client, lose } = await connectToLose('v1', 'old');
    const started = once(events, 'started');
    client
      .request('tools/call', { name: 'asking', arguments: {} })
      .catch(() => {});
    await started;
    lose();
    await new Promise(resolve => setTimeout(resolve, 100));
    events.emit('finish');

    const [error] = await once(events, 'refused');
    expect(String(error)).toContain('has gone');
    await client.close();
  });
});
