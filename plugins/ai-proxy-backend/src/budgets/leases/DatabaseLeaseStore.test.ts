import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { MemoryLeaseStore } from '../__testUtils__/MemoryLeaseStore';
import { migrate } from '../../database/migrate';
import { DatabaseLeaseStore } from './DatabaseLeaseStore';
import type { Bucket, LeaseAsk } from './LeaseStore';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const bucketOf = (id: string): Bucket => ({
  id: id.padStart(32, '0'),
  budget: 'team-month',
  unit: 'tokens',
  window: 'day',
  per: 'user',
  value: 'ada',
  userUuid: 'ada',
  startMs: Date.UTC(2026, 10, 21),
  endMs: Date.UTC(2026, 10, 22),
});

const askOf = (changes: Partial<LeaseAsk> & { id?: string }): LeaseAsk => {
  const { id = 'a', ...others } = changes;
  const { spent = 0, reserved = 0, need = 0, extra = 0 } = others;
  return {
    bucket: bucketOf(id),
    isFirst: true,
    limit: 1_000,
    soft: false,
    spent,
    reserved,
    need,
    needAtLeast: 0,
    kept: spent + reserved + need + extra,
    extra,
    seq: 1,
    ...others,
  };
};

const nothing = { atHandElsewhere: 0, unaccounted: 0 };

describe.each(databases.eachSupportedId())('leases (%s)', databaseId => {
  let database: Knex;
  let store: DatabaseLeaseStore;

  beforeAll(async () => {
    database = await databases.init(databaseId);
    await migrate(database);
    store = new DatabaseLeaseStore({ database });
  });

  beforeEach(async () => {
    for (const table of [
      'budget_leases',
      'budget_buckets',
      'budget_replicas',
    ]) {
      await database(table).delete();
    }
  });

  it('follow the rule, whoever asks for what in which order', async () => {
    const amount = fc.nat({ max: 600 });
    const ask = fc.record({
      replica: fc.constantFrom('one', 'two', 'three'),
      asks: fc.uniqueArray(
        fc.record({
          id: fc.constantFrom('a', 'b', 'c'),
          spent: amount,
          reserved: amount,
          need: amount,
          extra: amount,
          limit: fc.constantFrom(1_000, 1_000, 700),
          soft: fc.boolean(),
          seq: fc.integer({ min: 1, max: 8 }),
        }),
        { selector: ({ id }) => id, minLength: 1 },
      ),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { maxLength: 15 }), async list => {
        run += 1;
        const prefix = String(run);
        const memory = new MemoryLeaseStore(() => Date.now());
        for (const { replica, asks } of list) {
          // Heard of before it leases anything, as it is.
          await store.beat(replica);
          const all = asks.map(one =>
            askOf({ ...one, id: `${prefix}${one.id}` }),
          );
          const expected = memory.renew(replica, all);
          memory.decide(0, 'answered');
          const found = await store.renew(replica, all);
          expect(found.answers).toEqual((await expected).answers);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('take amounts of many dollars as exactly as small ones', async () => {
    const limit = 1_000_000_000_000_000;
    const spent = limit - 1;
    const { answers } = await store.renew('one', [askOf({ limit, spent })]);
    expect(answers).toEqual([{ granted: spent, spent, ...nothing }]);
    const [one] = (await store.renew('two', [askOf({ limit, need: 2 })]))
      .answers;
    expect(one).toMatchObject({ granted: 1, spent });
  });

  it('tell replicas whose buckets are scarce, and the time', async () => {
    await store.beat('one');
    await store.renew('one', [
      askOf({ extra: 800 }),
      askOf({ id: 'b', need: 800 }),
      askOf({ id: 'c', need: 800 }),
    ]);
    await store.beat('two');
    const { answers } = await store.renew('two', [
      askOf({ need: 10 }),
      askOf({ id: 'b', need: 300 }),
    ]);
    expect(answers).toEqual([
      { granted: 10, spent: 0, ...nothing },
      { granted: 200, spent: 0, atHandElsewhere: 800, unaccounted: 0 },
    ]);
    const before = Date.now();
    const { scarce, nowMs } = await store.beat('one');
    expect([...scarce]).toEqual([bucketOf('b').id]);
    expect(Math.abs(nowMs - before)).toBeLessThan(5_000);
    expect((await store.beat('three')).scarce.size).toBe(0);
  });

  it('count nothing as at hand of replicas that are gone', async () => {
    await store.beat('one');
    await store.renew('one', [askOf({ need: 800 })]);
    await database('budget_replicas').update({ seen_at: 0 });
    const { answers } = await store.renew('two', [askOf({ need: 300 })]);
    expect(answers).toEqual([
      { granted: 200, spent: 0, atHandElsewhere: 0, unaccounted: 800 },
    ]);
  });

  it('are of no bucket that was deleted', async () => {
    await store.renew('one', [askOf({ need: 800 })]);
    await database('budget_buckets').delete();
    const { answers } = await store.renew('one', [
      askOf({ spent: 900, seq: 2, isFirst: false }),
    ]);
    expect(answers).toEqual([undefined]);
  });

  it('are never more than the limit, however many replicas ask at once for many buckets', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const replicas = Array.from({ length: 12 }, (_, index) => `r${index}`);
    const all = await Promise.all(
      replicas.map(async (replica, index) => {
        // Each in another order.
        const order = [...ids.slice(index % 5), ...ids.slice(0, index % 5)];
        const { answers } = await store.renew(
          replica,
          order.map(id => askOf({ id, need: 120 })),
        );
        return order.map((id, at) => [id, answers[at]!.granted] as const);
      }),
    );
    for (const id of ids) {
      const granted = all
        .flat()
        .filter(([of]) => of === id)
        .map(([, amount]) => amount);
      expect(granted.reduce((sum, amount) => sum + amount, 0)).toBe(1_000);
      expect(granted.filter(amount => amount === 120)).toHaveLength(8);
    }
  });
});
