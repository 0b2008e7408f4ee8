import { MIGRATIONS, migrate } from '../database/migrate';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Connections, ConnectionStore } from '../connections';
import { OAuthRecords } from '../records/OAuthRecords';
import { Revocations } from '../revocations/Revocations';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('the tables on %s', databaseId => {
  it('are made and removed again', async () => {
    const knex = await databases.init(databaseId);
    await migrate(knex);
    expect(await knex.schema.hasTable('connections')).toBe(true);
    await knex.migrate.rollback(MIGRATIONS, true);
    for (const table of [
      'connections',
      'oauth_records',
      'principals',
      'registered_clients',
      'revocations',
      'server_keys',
      'backstage_sessions',
    ]) {
      expect([table, await knex.schema.hasTable(table)]).toEqual([
        table,
        false,
      ]);
    }
    await migrate(knex);
  });

  it('lose what has ended, and nothing else', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const revocations = new Revocations({ database });
    const records = new OAuthRecords({ database, revocations });
    const connections = new Connections({
      database,
      store: new ConnectionStore({ database }),
      records,
      revocations,
    });
    const codes = records.adapterOf('AuthorizationCode');
    await codes.upsert('old', { grantId: 'g' }, -2 * 60 * 60);
    await codes.upsert('just expired', { grantId: 'g' }, -60);
    await codes.upsert('new', { grantId: 'g' }, 60);
    await records.deleteExpired();
    expect(await codes.find('old')).toBeUndefined();
    // A replay that comes late is still recognised as one.
    expect(await codes.find('just expired')).toBeDefined();
    expect(await codes.find('new')).toBeDefined();

    const day = 24 * 60 * 60;
    const create = (lifetimeSeconds: number) =>
      connections.create({
        name: 'x',
        principal: 'p',
        client: { id: 'c', name: 'C', origin: 'registered' },
        grantType: 'personal_token',
        resources: [],
        limits: {},
        claims: {},
        lifetimeSeconds,
      });
    const [ended, recent, active] = [
      await create(-91 * day),
      await create(-day),
      await create(day),
    ];
    await connections.deleteEnded();
    const kept = await connections.store.getMany([
      ended.id,
      recent.id,
      active.id,
    ]);
    expect(kept.map(({ id }) => id).sort()).toEqual(
      [recent.id, active.id].sort(),
    );
  });

  it('tell replicas what was revoked since they asked, and when to start anew', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const revocations = new Revocations({ database });
    expect(await revocations.last()).toBe(0);

    await revocations.add({ connections: ['a', 'b'] }, database);
    const first = await revocations.since(0);
    expect(first).toMatchObject({ reset: false, connections: ['a', 'b'] });
    await revocations.add({ hashes: ['h'] }, database);
    expect(await revocations.since(first.last)).toMatchObject({
      reset: false,
      hashes: ['h'],
    });

    // Those of long ago are deleted, but for the newest, which holds the position.
    await database('revocations').update({
      created_at: new Date(Date.now() - 2 * 60 * 60_000),
    });
    await revocations.deleteOld();
    expect(await database('revocations')).toHaveLength(1);
    expect(await revocations.since(first.last)).toMatchObject({ reset: false });
    expect(await revocations.since(0)).toMatchObject({ reset: true });
    // A database that was restored from a backup.
    expect(await revocations.since(1_000)).toMatchObject({ reset: true });
  });
});

// SQLite has one connection here, so nothing happens at the same time.
const describeOnPostgres = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

describeOnPostgres('revocations that are made at the same time', () => {
  it('are told, also one that became visible after a later one', async () => {
    const database = await databases.init('POSTGRES_15');
    await migrate(database);
    const revocations = new Revocations({ database });
    await revocations.add({ connections: ['before'] }, database);
    const before = await revocations.last();
    const late = await database.transaction();
    await revocations.add({ connections: ['late'] }, late);
    await revocations.add({ connections: ['early'] }, database);
    const first = await revocations.since(before);
    expect(first.connections).not.toContain('late');
    expect(first.last).toBe(before + 2);

    // The clock of this replica is wrong, that of the database counts.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 60_000);
    await late.commit();
    expect((await revocations.since(first.last)).connections).toContain('late');
    jest.restoreAllMocks();
  });
});
