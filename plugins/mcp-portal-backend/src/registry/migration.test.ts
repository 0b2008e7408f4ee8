import { TestDatabases } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

// eslint-disable-next-line @typescript-eslint/no-var-requires
const migration = require(resolvePackagePath(
  '@prompt-corner/plugin-mcp-portal-backend',
  'migrations/20261121010000_servers.js',
));

describe.each(databases.eachSupportedId())(
  'the tables of the registry on %s',
  databaseId => {
    it('are made, removed and made again', async () => {
      const database = await databases.init(databaseId);
      const tables = [
        'servers',
        'server_history',
        'server_definitions',
        'rejected_definitions',
        'registry_version',
      ];
      const existing = async () => {
        const found = [];
        for (const table of tables) {
          if (await database.schema.hasTable(table)) {
            found.push(table);
          }
        }
        return found;
      };
      await migration.up(database);
      expect(await existing()).toEqual(tables);
      await migration.down(database);
      expect(await existing()).toEqual([]);
      await migration.up(database);
      expect(await database('registry_version')).toEqual([
        { id: 1, version: 0 },
      ]);
    });
  },
);
