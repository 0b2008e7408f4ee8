import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { SecretBox } from '@prompt-corner/encryption';
import { migrate } from '../../database/migrate';
import { type Handshake, UpstreamSessions } from '..';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const SESSION: Handshake = {
  era: 'legacy',
  sessionId: 'given by the server',
  protocolVersion: '2025-11-25',
  capabilities: {},
};
const KEY = {
  server: 'api:default/tracker',
  url: 'https://tracker.example.com/mcp',
  partition: '',
  session: 'of a client',
  capabilities: '{}',
};

describe.each(databases.eachSupportedId())(
  'sessions at servers on %s',
  databaseId => {
    async function start() {
      const database = await databases.init(databaseId);
      await migrate(database);
      const logger = mockServices.logger.mock();
      const replica = (...ids: string[]) =>
        new UpstreamSessions({
          database,
          sealer: new SecretBox(
            ids.map(id => ({ id, secret: id.repeat(40) })),
            { purpose: 'sessions', configKey: 'mcpPortal.encryption.keys' },
          ),
          logger,
        });
      return { replica, logger };
    }

    it('are for all replicas', async () => {
      const { replica } = await start();
      await replica('a').keep(KEY, SESSION);
      expect(await replica('b', 'a').find(KEY)).toEqual(SESSION);
      expect(
        await replica('a').find({ ...KEY, session: 'another' }),
      ).toBeUndefined();
    });

    it('are begun anew when their key is gone, or not here yet', async () => {
      const { replica, logger } = await start();
      await replica('a').keep(KEY, SESSION);
      const without = replica('b');
      expect(await without.find(KEY)).toBeUndefined();
      expect(await without.forget(KEY, SESSION)).toBeUndefined();
      await replica('a').keep(KEY, SESSION);
      const another = { ...KEY, session: 'another' };
      await replica('a').keep(another, SESSION);
      expect(await without.find(another)).toBeUndefined();
      expect(logger.warn).toHaveBeenCalledTimes(1);

      await without.keep(KEY, { ...SESSION, sessionId: 'new' });
      expect(await replica('b').find(KEY)).toMatchObject({ sessionId: 'new' });
    });
  },
);
