import { TestDatabases } from '@backstage/backend-test-utils';
import { accountAt } from '../__testUtils__/startMcpServer';
import {
  ADA,
  BOB,
  callerOf,
  EVE,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const HOUR_MS = 60 * 60_000;
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Connections of who has left on %s',
  databaseId => {
    let world: World;
    afterEach(() => world.stop());

    async function start() {
      world = await startWorld(await databases.init(databaseId));
      const gitlab = await world.addServer('gitlab', { mode: 'oauth' });
      const { upstream } = world.replica();
      // One that remembers nothing of the server.
      const { departures } = world.replica();
      const connect = (user: string) =>
        new TestBrowser(world, user).connect('gitlab', `${user}@gitlab`);
      for (const user of [ADA, BOB, EVE]) {
        await connect(user);
      }
      const connected = async () =>
        (await world.database('user_credentials').pluck('user')).sort();
      const headersOf = (user: string) =>
        upstream.headersFor(gitlab, callerOf(user));
      return { gitlab, departures, connect, connected, headersOf };
    }
    const uuids = (...users: string[]) => users.map(uuidOf).sort();

    it('end an hour later, at the authorization server too', async () => {
      const { gitlab, departures, connected, headersOf } = await start();
      const headers = await headersOf(ADA);
      const now = Date.now();
      world.gone.add(ADA);
      await departures.end(now);
      await departures.end(now + HOUR_MS - 1);
      expect(await connected()).toEqual(uuids(ADA, BOB, EVE));
      await departures.end(now + HOUR_MS);
      expect(await connected()).toEqual(uuids(BOB, EVE));
      expect(await accountAt(gitlab, headers)).toBeUndefined();
      expect(await accountAt(gitlab, await headersOf(BOB))).toBeDefined();
    });

    it('stay when they come back, or connect again, within that time', async () => {
      const { departures, connect, connected } = await start();
      const now = Date.now();
      world.gone.add(ADA);
      await departures.end(now);
      world.gone.clear();
      await departures.end(now + HOUR_MS / 2);
      world.gone.add(ADA);
      await departures.end(now + HOUR_MS);
      await connect(ADA);
      await departures.end(now + 2 * HOUR_MS);
      expect(await connected()).toEqual(uuids(ADA, BOB, EVE));
      await departures.end(now + 3 * HOUR_MS);
      expect(await connected()).toEqual(uuids(BOB, EVE));
    });

    it('stay when many are missing at once, which is logged', async () => {
      const { departures, connected } = await start();
      const now = Date.now();
      [ADA, BOB].forEach(user => world.gone.add(user));
      await departures.end(now);
      await departures.end(now + HOUR_MS);
      expect(await connected()).toEqual(uuids(ADA, BOB, EVE));
      expect(world.logged()).toContain(
        '2 of 3 users with connections to MCP servers are no longer in the catalog',
      );
    });

    it('stay when many go missing one after the other', async () => {
      const { departures, connected } = await start();
      const now = Date.now();
      world.gone.add(ADA);
      await departures.end(now);
      world.gone.add(BOB);
      await departures.end(now + HOUR_MS);
      expect(await connected()).toEqual(uuids(ADA, BOB, EVE));
    });

    it('stay while nobody says who has left', async () => {
      const { departures, connected } = await start();
      world.presentOf = async () => {
        throw new Error('agent-auth does not answer');
      };
      await expect(departures.end(Date.now() + HOUR_MS)).rejects.toThrow();
      expect(await connected()).toEqual(uuids(ADA, BOB, EVE));
    });

    it('end with a retired server, which is not contacted for it', async () => {
      const { gitlab, departures, connected, headersOf } = await start();
      const headers = await headersOf(ADA);
      const now = Date.now();
      world.retired.add(gitlab.entityRef);
      await departures.end(now);
      expect(await connected()).toHaveLength(3);
      const token = headers.authorization.slice('Bearer '.length);
      expect(await world.as.provider.AccessToken.find(token)).toBeDefined();
      await gitlab.stop();
      gitlab.stop = async () => {};
      await departures.end(now + HOUR_MS);
      expect(await connected()).toEqual([]);
      expect(await world.as.provider.AccessToken.find(token)).toBeUndefined();
    });
  },
);
