import {
  startUserServer,
  TestUser,
  UserServer,
} from '../__testUtils__/startUserServer';

jest.setTimeout(60_000);

const APPROVE = 'mcp-portal.admin.servers.approve';
const INSPECT = '/servers/tracker/inspect';

describe('a server at which each user signs in', () => {
  let world: UserServer;
  let ada: TestUser;
  let carol: TestUser;

  beforeAll(async () => {
    world = await startUserServer({
      tools: [
        {
          name: 'list',
          annotations: { readOnlyHint: true },
          run: () => 'five',
        },
      ],
      mayDo: (user, permission) =>
        permission !== APPROVE || user !== 'user:default/carol',
    });
    ada = world.user('ada');
    carol = world.user('carol');
  });

  afterAll(() => world?.stop());

  it('is looked at with the connection of the approver who asks for it, and with no other', async () => {
    const { tracker } = world;
    const before = await ada.ask('POST', INSPECT, {});
    expect(before.body.server.health).toMatchObject({
      state: 'degraded',
      error: expect.stringContaining(
        'Connect the server first, at http://localhost/mcp-servers/connect?server=tracker,',
      ),
    });
    const { body } = await ada.ask('GET', '/credentials');
    expect(body.items).toMatchObject([
      { name: 'tracker', state: 'needs-authorization' },
    ]);
    await ada.connect();
    const after = await ada.ask('POST', INSPECT, {});
    expect(after.body.server.health).toMatchObject({ state: 'healthy' });
    expect(after.body.server.definitions).toMatchObject({ quarantined: 1 });
    expect(new Set(tracker.asked)).toEqual(
      new Set(['ada@tracker server/discover', 'ada@tracker tools/list']),
    );

    tracker.asked = [];
    const dan = world.user('dan');
    const another = await dan.ask('POST', INSPECT, {});
    expect(another.body.server.health.error).toContain('Connect the server');
    expect(tracker.asked).toEqual([]);
  });

  it('can be connected before it is approved by those only who may approve it', async () => {
    for (const user of [world.proposer, carol]) {
      const path = '/credentials/tracker/connect';
      expect((await user.ask('POST', path, {})).status).toBe(404);
      const { body } = await user.ask('GET', '/credentials');
      expect(body.items).toEqual([]);
    }
  });

  it('is served to others once it is approved, with the connection of each', async () => {
    const { tracker, portal } = world;
    await world.approve(ada);
    tracker.asked = [];
    const client = await portal.connect({ uuid: carol.uuid });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('tracker_list');
    const call = () => client.callTool({ name: 'tracker_list', arguments: {} });
    expect(await call()).toMatchObject({
      isError: true,
      content: [
        {
          text: expect.stringMatching(
            /^You have to connect the server "tracker"/,
          ),
        },
      ],
    });
    expect(tracker.asked).toEqual([]);

    await carol.connect();
    expect(await call()).toMatchObject({ content: [{ text: 'five' }] });
    expect(new Set(tracker.asked.map(at => at.split(' ')[0]))).toEqual(
      new Set(['carol@tracker']),
    );
    await client.close();
  });
});
