import { EventEmitter, once } from 'node:events';
import {
  EverythingServer,
  EverythingTool,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import type { TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(20_000);

const PAIRS = CLIENT_KINDS.flatMap(kind =>
  (['old', 'new'] as const).map(server => ({ kind, server })),
);

describe('a call that a client cancels', () => {
  const events = new EventEmitter();
  /** Works until it is cancelled. */
  const endless: EverythingTool = {
    name: 'endless',
    description: 'Works until it is cancelled',
    inputSchema: { type: 'object' },
    run: async (_, ctx) => {
      events.emit('started');
      await once(ctx.mcpReq.signal, 'abort');
      events.emit('cancelled');
      return { content: [] };
    },
  };
  const servers: Record<string, EverythingServer> = {};
  let portal: TestPortal;

  beforeAll(async () => {
    servers.old = await startEverythingServer({
      eras: ['legacy'],
      tools: [endless],
    });
    servers.new = await startEverythingServer({
      eras: ['modern'],
      tools: [endless],
    });
    portal = await startOriginalPortal({
      old: servers.old.url,
      new: servers.new.url,
    });
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

  it.each(PAIRS)(
    'by going away ends at the server too ($kind client, $server server)',
    async ({ kind, server }) => {
      const gone = new AbortController();
      const client = await connectClient({
        kind,
        url: portal.endpoint(server),
        token: portal.tokenOf(),
        fetch: (url, init) =>
          fetch(url, {
            ...init,
            signal: AbortSignal.any([
              gone.signal,
              ...(init?.signal ? [init.signal] : []),
            ]),
          }),
      });
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      const called = client.request('tools/call', call);
      called.catch(() => {});
      await started;
      gone.abort();

      await expect(cancelled).resolves.toEqual([]);
      await client.close();
    },
  );
});
