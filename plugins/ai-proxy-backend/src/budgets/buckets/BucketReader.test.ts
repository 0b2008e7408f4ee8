import { TestDatabases } from '@backstage/backend-test-utils';
import {
  budgetReplicas,
  configured,
  spend,
} from '../__testUtils__/budgetReplicas';
import { demandOf, requests } from '../__testUtils__/demands';
import type { Reservation } from '../Reservation';
import { windowAt } from '../windows';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const HOUR_MS = 3_600_000;

describe.each(databases.eachSupportedId())('budgets (%s)', databaseId => {
  const { database, start } = budgetReplicas(databases, databaseId);

  it('show callers their own numbers, and of shared ones no more than needed', async () => {
    const budgets = [
      configured({ name: 'mine', per: 'user' }),
      configured({ name: 'ours', per: 'team', limit: 8 }),
      configured({ name: 'gpt', match: { models: ['gpt-*'] } }),
    ];
    const one = await start(budgets);
    const two = await start(budgets);
    const demand = demandOf({ grantBudgetUsdPerDay: 5 });
    await spend(one, 2, demand);
    await spend(two, 3, demand);
    await two.budgets.reserve(demand, requests(1));
    await two.tick();
    const { provider, model, ...open } = demand;
    const { endMs } = windowAt('month', 'UTC', one.time.now());
    const resetsAt = new Date(endMs).toISOString();
    const standing = await one.budgets.standing(open);
    expect(standing).toEqual([
      {
        budget: 'mine',
        unit: 'requests',
        limit: 10,
        window: 'month',
        per: 'user',
        soft: false,
        spent: 5,
        reserved: 1,
        usedUp: false,
        resetsAt,
      },
      {
        budget: 'ours',
        unit: 'requests',
        limit: 8,
        window: 'month',
        per: 'team',
        team: 'group:default/platform',
        soft: false,
        usedUp: false,
        resetsAt,
      },
      expect.objectContaining({ budget: 'gpt' }),
      expect.objectContaining({
        budget: 'connection',
        unit: 'usd',
        spent: 0.05,
        reserved: 0.01,
      }),
    ]);
    expect(
      await one.budgets.standing({ ...demand, model: 'claude' }),
    ).toHaveLength(3);
  });

  it('are listed for administrators in pages, the newest windows first', async () => {
    const one = await start([
      configured({ name: 'mine', per: 'user', limit: 50 }),
    ]);
    for (const user of ['u1', 'u2', 'u3']) {
      await spend(one, 4, demandOf({ user, connectionId: user }));
    }
    const { kind } = await one.budgets.reserve(
      demandOf({ user: 'u1', connectionId: 'u1' }),
      requests(3),
    );
    expect(kind).toBe('reservation');
    await one.tick();
    const nowMs = one.time.now();
    const first = await one.buckets.list({}, { limit: 2, nowMs });
    const second = await one.buckets.list(
      {},
      { limit: 2, nowMs, cursor: first.nextCursor },
    );
    expect(first.items).toHaveLength(2);
    expect(second.nextCursor).toBeUndefined();
    const all = [...first.items, ...second.items];
    expect(all.map(({ value }) => value).sort()).toEqual(['u1', 'u2', 'u3']);
    const u1 = all.find(({ value }) => value === 'u1')!;
    expect(u1).toMatchObject({
      budget: 'mine',
      unit: 'requests',
      window: 'month',
      per: 'user',
      limit: 50,
      spent: 4,
      reserved: 3,
      unaccounted: 0,
    });
    expect(u1.atHand).toBeGreaterThan(0);
    const later = await one.buckets.list(
      { value: 'u1', budget: 'mine', atMs: nowMs },
      { limit: 2, nowMs: nowMs + HOUR_MS },
    );
    expect(later.items).toMatchObject([
      { reserved: 0, atHand: 0, unaccounted: 3 + u1.atHand },
    ]);
    await expect(
      one.buckets.list({}, { limit: 2, nowMs, cursor: 'x' }),
    ).rejects.toThrow('cursor');
    expect(
      await one.buckets.list(
        { atMs: nowMs - 40 * 24 * HOUR_MS },
        { limit: 2, nowMs },
      ),
    ).toEqual({ items: [], nextCursor: undefined });
  });

  it('are deleted after their time, and requests that end later do no harm', async () => {
    const one = await start([
      configured({ name: 'rate', window: 'minute' }),
      configured({ name: 'day', window: 'day' }),
    ]);
    const late = (await one.budgets.reserve(
      demandOf(),
      requests(1),
    )) as Reservation;
    const nowMs = one.time.now();
    const clean = (afterMs: number) =>
      one.buckets.clean({
        nowMs: nowMs + afterMs,
        shortMs: 24 * HOUR_MS,
        longMs: 30 * 24 * HOUR_MS,
      });
    const ids = await database()('budget_buckets').pluck('id');
    await clean(12 * HOUR_MS);
    expect(await database()('budget_buckets')).toHaveLength(2);
    await clean(27 * HOUR_MS);
    expect(await database()('budget_buckets').pluck('budget')).toEqual(['day']);
    await clean(32 * 24 * HOUR_MS);
    expect(await database()('budget_buckets')).toEqual([]);
    expect(await database()('budget_leases')).toEqual([]);
    late.settle(requests(1));
    await one.tick();
    const leases = database()('budget_leases').whereIn('bucket_id', ids);
    expect(await leases).toEqual([]);
  });
});
