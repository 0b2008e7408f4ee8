import { AnyClient, connectClient } from '../__testUtils__/connectClient';
import {
  startUserServer,
  TestUser,
  UserServer,
} from '../__testUtils__/startUserServer';

jest.setTimeout(60_000);

const POLICIES = `
@id("deletes-need-approval")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "delete" };
`;

describe('a call at a server that its user has not connected', () => {
  let world: UserServer;
  let users = 0;
  let user: TestUser;
  const clients: AnyClient[] = [];

  beforeAll(async () => {
    world = await startUserServer({
      tools: [
        {
          name: 'list',
          annotations: { readOnlyHint: true },
          run: () => 'five',
        },
        { name: 'delete', run: () => 'gone' },
      ],
      config: {
        policy: { policies: POLICIES },
        calls: { hold: { seconds: 2 } },
      },
    });
    await world.approve(world.user('approver'));
  });
  afterAll(() => world?.stop());

  beforeEach(() => {
    user = world.user(`user${users++}`);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  const connect = async (
    kind: Parameters<typeof connectClient>[0]['kind'],
    answer?: Parameters<typeof connectClient>[0]['answer'],
  ) => {
    const { portal } = world;
    const token = portal.tokenOf({ uuid: user.uuid });
    const url = portal.endpoint();
    const client = await connectClient({ kind, url, token, answer });
    clients.push(client);
    return client;
  };
  const call = (client: AnyClient, name = 'tracker_list') =>
    client.request('tools/call', { name, arguments: {} });
  const TOLD = {
    isError: true,
    content: [
      { text: expect.stringMatching(/^You have to connect .* Open http/) },
    ],
  };
  const LINK = expect.stringMatching(
    /^http:\/\/localhost\/mcp-servers\/connect\?server=tracker&request=[0-9a-f-]{36}$/,
  );

  it.each(['v1', 'v2 legacy', 'v2'] as const)(
    'is told the link when the client (%s) can open none',
    async kind => {
      expect(await call(await connect(kind))).toMatchObject(TOLD);
    },
  );

  it.each(['v1', 'v2 legacy'] as const)(
    'is refused by the error that has the client (%s) open the link, and works afterwards',
    async kind => {
      const client = await connect(kind, () => ({ action: 'accept' }));
      const error = await call(client).catch(thrown => thrown);
      expect(error).toMatchObject({
        code: -32042,
        data: {
          elicitations: [
            { mode: 'url', url: LINK, elicitationId: expect.any(String) },
          ],
        },
      });
      await user.connect(error.data.elicitations[0].elicitationId);
      expect(await call(client)).toMatchObject({ content: [{ text: 'five' }] });
    },
  );

  it('goes on when the client of 2026-07-28 comes back and the user has connected it meanwhile', async () => {
    const passedOn: unknown[] = [];
    world.tracker.beforeRequest = async message => {
      passedOn.push(message);
    };
    let connected: Promise<void> | undefined;
    const client = await connect('v2', ({ params }) => {
      const requestId = new URL(params.url).searchParams.get('request')!;
      // The client comes back at once; the user takes a moment.
      connected = new Promise(resolve => setTimeout(resolve, 300)).then(() =>
        user.connect(requestId),
      );
      return { action: 'accept' };
    });
    expect(await call(client)).toMatchObject({ content: [{ text: 'five' }] });
    await connected;
    expect(client.questions).toMatchObject([
      {
        method: 'elicitation/create',
        params: { mode: 'url', url: LINK, message: expect.any(String) },
      },
    ]);
    expect(passedOn).not.toEqual([]);
    expect(JSON.stringify(passedOn)).not.toContain('inputResponses');
  });

  it.each(['decline', 'cancel'])(
    'is told the link when the user of the client does not open it (%s)',
    async action => {
      const client = await connect('v2', () => ({ action }));
      expect(await call(client)).toMatchObject(TOLD);
      expect(client.questions).toHaveLength(1);
    },
  );

  it('asks nobody for an approval, and uses none up, before the server can be called', async () => {
    const approver = world.user('decider');
    const { portal } = world;
    portal.agentAuth.addUser({
      entityRef: approver.entityRef,
      uuid: approver.uuid,
      teams: ['group:default/platform-team'],
    });
    const pending = async () =>
      (await approver.ask('GET', '/approvals?state=pending')).body.items;
    const client = await connect('v2');
    expect(await call(client, 'tracker_delete')).toMatchObject(TOLD);
    expect(await pending()).toEqual([]);

    await user.connect();
    expect(JSON.stringify(await call(client, 'tracker_delete'))).toContain(
      'waits for a person',
    );
    const [{ id }] = await pending();
    await user.ask('DELETE', '/credentials/tracker');
    await approver.ask('POST', `/approvals/${id}/decide`, {
      decision: 'approve',
    });
    expect(await call(client, 'tracker_delete')).toMatchObject(TOLD);
    await user.connect();
    expect(await call(client, 'tracker_delete')).toMatchObject({
      content: [{ text: 'gone' }],
    });
  });

  it('keeps the approval of a call whose token turns out not to be enough', async () => {
    const approver = world.user('decider');
    world.portal.agentAuth.addUser({
      entityRef: approver.entityRef,
      uuid: approver.uuid,
      teams: ['group:default/platform-team'],
    });
    await user.connect();
    world.tracker.scopes.delete = 'tools:write';
    let connected: Promise<void> | undefined;
    const client = await connect('v2', ({ params }) => {
      connected = user.connect(
        new URL(params.url).searchParams.get('request')!,
      );
      return { action: 'accept' };
    });
    const called = call(client, 'tracker_delete');
    let items: Array<{ id: string }> = [];
    while (!items.length) {
      ({ items } = (
        await approver.ask('GET', '/approvals?state=pending')
      ).body);
    }
    await approver.ask('POST', `/approvals/${items[0].id}/decide`, {
      decision: 'approve',
    });
    expect(await called).toMatchObject({ content: [{ text: 'gone' }] });
    await connected;
  });
});
