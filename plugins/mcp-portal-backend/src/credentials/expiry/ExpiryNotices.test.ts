import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ADA,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const DAY_MS = 24 * 60 * 60_000;
const PLATFORM = 'group:default/platform';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('Notices on %s', databaseId => {
  let world: World;
  afterEach(() => world.stop());

  async function start() {
    world = await startWorld(await databases.init(databaseId), {
      administrators: [PLATFORM],
    });
    await world.addServer('gitlab', { mode: 'oauth' });
    const replicas = [world.replica(), world.replica()];
    await Promise.all(replicas.map(({ settings }) => settings.load()));
    return {
      send: (now?: number) =>
        Promise.all(replicas.map(({ notices }) => notices.send(now))),
    };
  }

  const row = () => world.database('user_credentials');
  const sent = () =>
    world.notifications.map(({ recipients, payload }) => [
      (recipients as { entityRef: unknown }).entityRef,
      payload.title,
    ]);

  it('tell a user once before a connection ends, and again only of the next', async () => {
    const { send } = await start();
    const browser = new TestBrowser(world, ADA);
    await browser.connect('gitlab', 'ada');
    await send();
    expect(sent()).toEqual([]);
    const endsIn = (days: number) =>
      row().update({
        connected_at: new Date(Date.now() - 30 * DAY_MS),
        ends_at: new Date(Date.now() + days * DAY_MS),
      });
    await endsIn(8);
    await send();
    expect(sent()).toEqual([]);
    await endsIn(6);
    await send();
    await send();
    expect(sent()).toEqual([[ADA, 'Your connection to gitlab ends soon']]);
    await send(Date.now() + 7 * DAY_MS);
    expect(sent()).toHaveLength(1);
    await browser.connect('gitlab', 'ada');
    await endsIn(-1);
    await send();
    expect(sent().slice(1)).toEqual([
      [ADA, 'Your connection to gitlab has ended'],
    ]);
    expect(JSON.stringify(await row())).not.toContain('default/ada');
  });

  it('tell a user when a refresh has failed, but not of what was meant to be short', async () => {
    const { send } = await start();
    await new TestBrowser(world, ADA).connect('gitlab', 'ada');
    await row().update({ ends_at: new Date(Date.now() + 3_600_000) });
    await send();
    expect(sent()).toEqual([]);
    await row().update({ tokens: null, ends_at: new Date() });
    await send(Date.now() + 1_000);
    expect(sent()).toEqual([[ADA, 'Your connection to gitlab has ended']]);
  });

  it('go to nobody who has left', async () => {
    const { send } = await start();
    await new TestBrowser(world, 'user:default/gone').connect('gitlab', 'x');
    await row().update({ tokens: null, ends_at: new Date() });
    await send();
    expect(sent()).toEqual([]);
    expect(
      await row().where({ user: uuidOf('user:default/gone') }),
    ).toHaveLength(1);
  });

  it('tell administrators once before a shared secret ends', async () => {
    const { send } = await start();
    const secretUntil = (days: number) =>
      world.configured.set('gitlab', {
        mode: 'header',
        origin: 'https://gitlab.example.com',
        headers: [{ name: 'x-key', value: 'very-secret' }],
        expiresAt: new Date(Date.now() + days * DAY_MS).toISOString(),
      });
    secretUntil(30);
    await send();
    expect(sent()).toEqual([]);
    secretUntil(3);
    await send();
    await send();
    expect(sent()).toEqual([
      [[PLATFORM], 'The credentials of the MCP server gitlab end'],
    ]);
    expect(JSON.stringify(world.notifications)).not.toContain('very-secret');
    secretUntil(5);
    await send();
    expect(sent()).toHaveLength(2);
  });

  it('are sent again when they could not be', async () => {
    const { send } = await start();
    await new TestBrowser(world, ADA).connect('gitlab', 'ada');
    await row().update({ tokens: null, ends_at: new Date() });
    const push = jest
      .spyOn(world.notifications, 'push')
      .mockImplementation(() => {
        throw new Error('down');
      });
    await send();
    push.mockRestore();
    await send();
    expect(sent()).toHaveLength(1);
  });
});
