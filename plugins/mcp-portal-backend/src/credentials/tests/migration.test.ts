import { TestDatabases } from '@backstage/backend-test-utils';
import { migrate, MIGRATIONS } from '../../database/migrate';

jest.setTimeout(60_000);

const TABLES = [
  'portal_keys',
  'server_credentials',
  'user_credentials',
  'authorization_requests',
  'authorization_flows',
  'client_registrations',
  'credential_notices',
];
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Tables of credentials on %s',
  databaseId => {
    it('are made, and taken back', async () => {
      const database = await databases.init(databaseId);
      const present = () =>
        Promise.all(TABLES.map(table => database.schema.hasTable(table)));
      await migrate(database);
      expect(await present()).toEqual(TABLES.map(() => true));
      await database.migrate.rollback(MIGRATIONS, true);
      expect(await present()).toEqual(TABLES.map(() => false));
    });
  },
);
