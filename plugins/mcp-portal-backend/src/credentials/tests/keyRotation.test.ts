import { TestDatabases } from '@backstage/backend-test-utils';
import { accountAt } from '../__testUtils__/startMcpServer';
import {
  ADA,
  callerOf,
  KEYS,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';
import type { Credentials } from '..';

jest.setTimeout(60_000);

const NEW_KEY = { id: 'new', secret: 'another secret for these tests' };
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'A change of the encryption key on %s',
  databaseId => {
    let world: World;
    afterEach(() => world.stop());

    /** A portal in which everything that is kept has been encrypted with the old key. */
    async function start() {
      world = await startWorld(await databases.init(databaseId));
      const gitlab = await world.addServer('gitlab', { mode: 'oauth' });
      const wiki = await world.addServer('wiki');
      const credentials = world.replica();
      await credentials.settings.set(
        wiki,
        {
          mode: 'header',
          origin: new URL(wiki.url).origin,
          headers: [{ name: 'x-token', value: 'of the wiki' }],
        },
        uuidOf(ADA),
      );
      await credentials.callerTokens.publicKeys();
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      const ada = async ({ upstream }: Credentials) =>
        accountAt(gitlab, await upstream.headersFor(gitlab, callerOf(ADA)));
      return { credentials, wiki, ada };
    }

    const keysInUse = async () => {
      const sealed = [
        ...(await world.database('user_credentials').pluck('tokens')),
        ...(await world.database('server_credentials').pluck('settings')),
        ...(await world.database('client_registrations').pluck('client')),
        ...(await world.database('portal_keys').pluck('secret')),
      ];
      expect(sealed).toHaveLength(4);
      return [...new Set(sealed.map(value => value.split('.')[0]))];
    };

    it('costs nothing, once what is kept was encrypted anew', async () => {
      const { credentials, wiki, ada } = await start();
      expect(await keysInUse()).toEqual(['k']);
      await world.replica([NEW_KEY, ...KEYS]).resealing.run();
      expect(await keysInUse()).toEqual(['new']);

      const after = world.replica([NEW_KEY]);
      await after.settings.start();
      expect(await ada(after)).toBe('ada@gitlab');
      expect(await after.upstream.headersFor(wiki, callerOf(ADA))).toEqual({
        'x-token': 'of the wiki',
      });
      expect(await after.callerTokens.publicKeys()).toEqual(
        await credentials.callerTokens.publicKeys(),
      );
      after.settings.stop();
    });

    it('without that makes new what it can, and asks users to connect again', async () => {
      const { credentials, ada } = await start();
      const after = world.replica([NEW_KEY]);
      const keys = await after.callerTokens.publicKeys();
      expect(keys.keys).toHaveLength(1);
      expect(keys).not.toEqual(await credentials.callerTokens.publicKeys());
      await expect(ada(after)).rejects.toMatchObject({
        name: 'AuthorizationNeededError',
      });
      // A flow needs the registration; the old one is of no use to anybody here.
      const [gitlab] = world.servers;
      await after.connections.start(uuidOf(ADA), gitlab);
      expect(
        await world.database('client_registrations').pluck('client'),
      ).toEqual([expect.stringMatching(/^new\./)]);
      // The user's credential is still there for who has its key.
      expect(await ada(world.replica([...KEYS, NEW_KEY]))).toBe('ada@gitlab');
      expect(world.logged()).not.toContain('secret for these tests');
    });
  },
);
