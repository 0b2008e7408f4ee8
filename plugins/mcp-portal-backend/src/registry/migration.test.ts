import { TestDatabases } from '@backstage/backend-test-utils';
import { resolvePackagePath } from '@backstage/backend-plugin-api';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const migrationOf = (file: string) =>
  require(resolvePackagePath(
    '@prompt-corner/plugin-mcp-portal-backend',
    `migrations/${file}`,
  ));

const migration = migrationOf('20261121010000_servers.js');
const absences = migrationOf('20261121060000_absences.js');

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

    it('keep which servers the catalog does not have', async () => {
      const database = await databases.init(databaseId);
      await migration.up(database);
      const left = new Date('2026-11-20T12:00:00Z');
      for (const [name, present] of [
        ['here', true],
        ['gone', false],
      ]) {
        await database('servers').insert({
          entity_ref: `api:default/${name}`,
          name,
          name_key: name,
          catalog: '{}',
          present,
          status: 'draft',
          former_owners: '[]',
          trust_first_snapshot: false,
          health_state: 'unknown',
          consecutive_failures: 0,
          version: 0,
          created_at: left,
          updated_at: left,
        });
      }
      const rows = (column: string) =>
        database('servers').orderBy('name').pluck(column);
      await absences.up(database);
      const [gone, here] = await rows('absent_since');
      expect([new Date(gone), here]).toEqual([left, null]);
      await absences.down(database);
      expect((await rows('present')).map(Boolean)).toEqual([false, true]);
    });
  },
);
