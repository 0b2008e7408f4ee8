import { EventEmitter, once } from 'node:events';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  endlessTool,
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  Answer,
  AnyClient,
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { Replicas, startReplicas } from '../__testUtils__/startReplicas';

jest.setTimeout(30_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const describeReplicas = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

const SERVERS = ['old', 'new'] as const;
const PAIRS = CLIENT_KINDS.flatMap(kind =>
  SERVERS.map(server => ({ kind, server })),
);

/** Says to which replica a message goes, by its number. */
type Route = (message: { method?: string } | undefined) => 0 | 1;

const answer: Answer = () => ({
  action: 'accept',
  content: { name: 'Ada', color: 'red', username: 'ada', email: 'a@b.example' },
});

describeReplicas('two replicas', () => {
  const events = new EventEmitter();
  const endless = endlessTool(events);
  const servers: Record<string, EverythingServer> = {};
  const clients: AnyClient[] = [];
  let replicas: Replicas;

  beforeAll(async () => {
    const tools = [endless];
    servers.old = await startEverythingServer({ eras: ['legacy'], tools });
    servers.new = await startEverythingServer({ eras: ['modern'], tools });
    replicas = await startReplicas(databases, {
      old: servers.old.url,
      new: servers.new.url,
    });
  }, 60_000);

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  afterAll(async () => {
    await replicas?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  const connect = async (kind: ClientKind, server: string, route: Route) => {
    const [{ url: first }] = replicas.portals;
    const client = await connectClient({
      kind,
      url: replicas.portals[0].endpoint(server),
      token: replicas.tokenOf(),
      answer,
      fetch: (url, init) => {
        const body = init?.body ? JSON.parse(String(init.body)) : undefined;
        const replica = replicas.portals[route(body)];
        return fetch(String(url).replace(first, replica.url), init);
      },
    });
    clients.push(client);
    return client;
  };

  it.each(PAIRS)(
    'serve one client in turns ($kind client, $server server)',
    async ({ kind, server }) => {
      const { opened } = servers[server].sessions();
      const client = await connect(kind, server, inTurns());
      for (let call = 0; call < 6; call++) {
        expect(await callText(client, 'test_simple_text')).toContain('simple');
        expect((await client.request('tools/list')).tools).toContainEqual(
          expect.objectContaining({ name: 'endless' }),
        );
      }

      // Nothing but a stored session would do for both.
      expect(servers[server].sessions().opened - opened).toBe(
        server === 'old' ? 1 : 0,
      );
    },
  );

  it.each(PAIRS)(
    'bring an answer to the one that has asked ($kind client, $server server)',
    async ({ kind, server }) => {
      // What is no request of the client is an answer, to the replica that did not ask.
      const client = await connect(kind, server, message =>
        kind === 'v2' || message?.method ? 0 : 1,
      );

      expect(
        await callText(client, 'test_elicitation', { message: 'Who?' }),
      ).toContain('"username":"ada"');
    },
  );

  it.each(SERVERS)(
    'go on with what the other one began, round after round (%s server)',
    async server => {
      const client = await connect('v2', server, inTurns());

      expect(
        await callText(client, 'test_input_required_result_multi_round'),
      ).toBe('Ada likes red');
      expect(client.questions).toHaveLength(2);
    },
  );

  it.each(SERVERS)(
    'cancel a call that the other one makes (%s server)',
    async server => {
      const client = await connect('v1', server, message =>
        message?.method === 'notifications/cancelled' ? 1 : 0,
      );
      const cancel = new AbortController();
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      const called = client.request(
        'tools/call',
        { name: 'endless', arguments: {} },
        { signal: cancel.signal },
      );
      await started;
      cancel.abort('Not wanted any more');

      await expect(called).rejects.toThrow();
      await cancelled;
    },
  );

  it.each(SERVERS)(
    'tell of changes to which a client subscribed at the other one (%s server)',
    async server => {
      // A request without a body opens the stream.
      const client = await connect('v1', server, message => (message ? 0 : 1));
      const uri = 'test://watched-resource';
      await client.request('resources/subscribe', { uri });
      const hasHeard = () =>
        client.notifications.some(
          ({ method, params }) =>
            method === 'notifications/resources/updated' && params?.uri === uri,
        );
      // The other replica notices a moment later.
      for (let tries = 0; !hasHeard() && tries < 100; tries++) {
        await callText(client, 'test_trigger_resource_change', { uri });
        await new Promise(resolve => setTimeout(resolve, 100));
      }

      expect(hasHeard()).toBe(true);
    },
  );

  it('end a session for each other', async () => {
    const token = replicas.tokenOf();
    const [one, other] = replicas.portals.map(portal => portal.endpoint('old'));
    const send = (
      url: string,
      method: string,
      session?: string,
      body?: object,
    ) =>
      fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(session && { 'mcp-session-id': session }),
        },
        body: body && JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
      });
    const begun = await send(one, 'POST', undefined, {
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      },
    });
    const session = begun.headers.get('mcp-session-id')!;
    const ping = async () =>
      (await send(other, 'POST', session, { method: 'ping' })).status;

    expect(await ping()).toBe(200);
    expect((await send(one, 'DELETE', session)).status).toBe(204);
    // The other replica remembers sessions for two seconds.
    let status = await ping();
    for (let tries = 0; status !== 404 && tries < 50; tries++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      status = await ping();
    }
    expect(status).toBe(404);
  });
});

function inTurns(): Route {
  let requests = 0;
  return () => (requests++ % 2) as 0 | 1;
}

async function callText(
  client: AnyClient,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  const result = await client.request('tools/call', { name, arguments: args });
  return result.content[0].text;
}
