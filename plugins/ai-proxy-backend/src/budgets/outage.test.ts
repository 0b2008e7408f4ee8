import { TestDatabases } from '@backstage/backend-test-utils';
import knexFactory from 'knex';
import { startDatabaseProxy } from './__testUtils__/databaseProxy';
import { demandOf, requests } from './__testUtils__/demands';
import { migrate } from '../database/migrate';
import { budgetOf, startReplica } from './__testUtils__/TestReplica';
import { DatabaseLeaseStore } from './leases';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_15'] });

describe.each(databases.eachSupportedId())('an outage (%s)', databaseId => {
  it('keeps nobody waiting, and ends by itself', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const { connection } = database.client.config;
    const proxy = await startDatabaseProxy({
      host: connection.host,
      port: Number(connection.port),
    });
    const own = knexFactory({
      client: 'pg',
      connection: { ...connection, host: '127.0.0.1', port: proxy.port },
      pool: { min: 0, max: 3 },
    });
    const limit = 1_000;
    const budgets = [budgetOf({ name: 'all', limit, window: 'month' })];
    const cut = startReplica({
      store: new DatabaseLeaseStore({ database: own }),
      budgets,
    });
    const other = startReplica({
      store: new DatabaseLeaseStore({ database }),
      budgets,
    });
    await cut.keeper.tick();
    const first = await cut.budgets.reserve(demandOf(), requests(10));
    expect(first.kind).toBe('reservation');

    proxy.fallSilent();
    const began = Date.now();
    expect(await cut.budgets.reserve(demandOf(), requests(100))).toMatchObject({
      reason: 'unavailable',
      status: 503,
    });
    const waitedMs = Date.now() - began;
    expect(waitedMs).toBeGreaterThan(1_000);
    expect(waitedMs).toBeLessThan(15_000);
    // From then on nobody waits for it.
    const again = cut.budgets.reserve(demandOf(), requests(100));
    const now = new Promise(resolve => setImmediate(resolve, 'later'));
    expect(await Promise.race([again, now])).toMatchObject({ status: 503 });

    // Nobody else is held up by what the other one left in the middle.
    expect(
      await other.budgets.reserve(demandOf(), requests(500)),
    ).toMatchObject({ kind: 'reservation' });

    proxy.recover();
    let outcome = await cut.budgets.reserve(demandOf(), requests(300));
    while (outcome.kind === 'refusal') {
      await cut.keeper.tick();
      outcome = await cut.budgets.reserve(demandOf(), requests(300));
    }
    const [{ leased }] = await database('budget_buckets');
    expect(Number(leased)).toBeLessThanOrEqual(limit);
    await own.destroy();
    proxy.stop();
  });
});
