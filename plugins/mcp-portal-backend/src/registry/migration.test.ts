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
const turnedDown = migrationOf('20261121080000_turned_down.js');
const LEFT = new Date('2026-11-20T12:00:00Z');

/** As the first migration has them. */
const serverRow = (name: string, changes: object = {}) => ({
  entity_ref: `api:default/${name}`,
  name,
  name_key: name,
  catalog: '{}',
  present: true,
  status: 'draft',
  former_owners: '[]',
  trust_first_snapshot: false,
  health_state: 'unknown',
  consecutive_failures: 0,
  version: 0,
  created_at: LEFT,
  updated_at: LEFT,
  ...changes,
});

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
      await database('servers').insert([
        serverRow('here'),
        serverRow('gone', { present: false }),
      ]);
      const rows = (column: string) =>
        database('servers').orderBy('name').pluck(column);
      await absences.up(database);
      const [gone, here] = await rows('absent_since');
      expect([new Date(gone), here]).toEqual([LEFT, null]);
      await absences.down(database);
      expect((await rows('present')).map(Boolean)).toEqual([false, true]);
    });

    it('know afterwards which servers people had turned down before', async () => {
      const database = await databases.init(databaseId);
      await migration.up(database);
      const servers: Array<[name: string, status: string, acts: string[]]> = [
        ['retired', 'retired', []],
        ['rejected', 'draft', ['propose', 'reject']],
        ['proposed_again', 'pending', ['propose', 'reject', 'propose']],
        ['retired_before', 'pending', ['retire', 'propose']],
        ['approved_after_all', 'approved', ['reject', 'propose', 'approve']],
        ['suspended', 'suspended', ['reject', 'approve', 'suspend']],
        ['never_decided', 'draft', ['propose']],
        ['new', 'pending', []],
      ];
      for (const [name, status, acts] of servers) {
        await database('servers').insert(serverRow(name, { status }));
        for (const action of acts) {
          await database('server_history').insert({
            entity_ref: `api:default/${name}`,
            action,
            from_status: 'draft',
            to_status: status,
            by: 'somebody',
            at: LEFT,
          });
        }
      }
      await turnedDown.up(database);
      expect(
        await database('servers')
          .where({ turned_down: true })
          .orderBy('name')
          .pluck('name'),
      ).toEqual(['proposed_again', 'rejected', 'retired', 'retired_before']);
      await turnedDown.down(database);
      expect(await database.schema.hasColumn('servers', 'turned_down')).toBe(
        false,
      );
      expect(await database('servers')).toHaveLength(servers.length);
    });
  },
);
