import { randomUUID } from 'node:crypto';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { BudgetDefinition } from '@prompt-corner/plugin-ai-proxy-common';
import knexFactory, { Knex } from 'knex';
import { demandOf, requests } from './__testUtils__/demands';
import { migrate } from './__testUtils__/migrate';
import { budgetOf } from './__testUtils__/TestReplica';
import type { BudgetAlert } from './alerts';
import { createBudgets, RunningBudgets } from './createBudgets';
import { parseBudget } from './definitions';
import { DatabaseTime } from './leases';
import type { Reservation } from './Reservation';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const ADMIN = '99999999-9999-4999-8999-999999999999';
const GRACE = '22222222-2222-4222-8222-222222222222';
const HOUR_MS = 3_600_000;

const configured = (changes: object): BudgetDefinition =>
  parseBudget(
    {
      name: 'all',
      unit: 'requests',
      limit: 10,
      window: 'day',
      per: 'none',
      ...changes,
    },
    'test',
  );

describe.each(databases.eachSupportedId())('budgets (%s)', databaseId => {
  let database: Knex;
  const started: RunningBudgets[] = [];
  const connections: Knex[] = [];

  beforeAll(async () => {
    database = await databases.init(databaseId);
    await migrate(database);
  });

  beforeEach(async () => {
    for (const table of [
      'budgets',
      'budget_alerts',
      'budget_leases',
      'budget_buckets',
      'budget_replicas',
    ]) {
      await database(table).delete();
    }
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(one => one.stop()));
    await Promise.all(connections.splice(0).map(one => one.destroy()));
  });

  /** A replica, which does what is due when the test says so. */
  async function start(
    budgets: BudgetDefinition[],
    options: { time?: DatabaseTime; onAlert?: () => Promise<void> } = {},
  ) {
    const alerts: BudgetAlert[] = [];
    const logger = mockServices.logger.mock();
    const own =
      databaseId === 'SQLITE_3'
        ? database
        : knexFactory({ ...database.client.config, pool: { min: 0, max: 3 } });
    if (own !== database) {
      connections.push(own);
    }
    const running = createBudgets({
      config: { budgets, withoutDatabase: 'deny' },
      database: own,
      uuidOf: async ref => {
        if (ref !== 'user:default/grace') {
          throw new Error('not in the catalog');
        }
        return GRACE;
      },
      onAlert: async alert => {
        await options.onAlert?.();
        alerts.push(alert);
      },
      logger,
      time: options.time,
    });
    await running.definitions.refresh();
    await running.tick();
    started.push(running);
    return { ...running, told: alerts, logger };
  }

  const spend = async (
    { budgets }: Pick<RunningBudgets, 'budgets'>,
    count: number,
    demand = demandOf(),
  ) => {
    const reserved = await budgets.reserve(demand, requests(count));
    (reserved as Reservation).settle(requests(count));
  };

  it('are made, changed and deleted by administrators, at all replicas', async () => {
    const one = await start([configured({})]);
    const two = await start([configured({})]);
    const made = await one.definitions.create(
      { name: 'mine', unit: 'requests', limit: 2, window: 'day', per: 'user' },
      { by: ADMIN },
    );
    expect(made).toMatchObject({
      name: 'mine',
      origin: 'runtime',
      updatedBy: ADMIN,
      alerts: [50, 80, 100],
    });
    await two.definitions.refresh();
    expect(two.definitions.list()).toEqual([
      { ...configured({}), origin: 'config' },
      made,
    ]);
    expect(await two.budgets.reserve(demandOf(), requests(3))).toMatchObject({
      budget: 'mine',
      reason: 'too-large',
    });

    const { name, unit, window, per } = made;
    const change = { name, unit, window, per, limit: 4 };
    const changed = await two.definitions.replace('mine', change, {
      by: ADMIN,
      etag: made.etag,
    });
    await expect(
      one.definitions.replace('mine', change, { by: ADMIN, etag: made.etag }),
    ).rejects.toThrow('Somebody has changed the budget "mine"');
    await expect(
      one.definitions.delete('mine', { etag: made.etag }),
    ).rejects.toThrow('Somebody has changed');
    // Without an etag the last one wins.
    await one.definitions.replace(
      'mine',
      { ...change, limit: 3 },
      { by: ADMIN },
    );
    expect(one.definitions.get('mine')).toMatchObject({ limit: 3 });
    expect(one.definitions.get('mine').etag).not.toBe(changed.etag);
    expect(await one.budgets.reserve(demandOf(), requests(3))).toMatchObject({
      kind: 'reservation',
    });

    await one.definitions.delete('mine');
    await expect(one.definitions.delete('mine')).rejects.toThrow(
      'There is no budget with the name "mine"',
    );
    await two.definitions.refresh();
    expect(() => two.definitions.get('mine')).toThrow('There is no budget');
  });

  it('of the configuration and other names stay as they are', async () => {
    const { definitions } = await start([configured({})]);
    const { name, unit, limit, window, per } = configured({});
    const value = { name, unit, limit, window, per };
    const change = { by: ADMIN };
    for (const attempt of [
      definitions.create(value, change),
      definitions.replace('all', value, change),
      definitions.delete('all'),
    ]) {
      await expect(attempt).rejects.toThrow(
        'The budget "all" is in the configuration',
      );
    }
    await definitions.create({ ...value, name: 'b' }, change);
    await expect(
      definitions.create({ ...value, name: 'b' }, change),
    ).rejects.toThrow('There is a budget with the name "b" already');
    await expect(
      definitions.replace('b', { ...value, name: 'c' }, change),
    ).rejects.toThrow('The name of a budget cannot be changed');
    await expect(
      definitions.replace('c', { ...value, name: 'c' }, change),
    ).rejects.toThrow('There is no budget with the name "c"');
    await expect(
      definitions.create({ ...value, limit: -1 }, change),
    ).rejects.toThrow('budget.limit');
  });

  it('count users whom they name by entity ref, and say when one is unknown', async () => {
    const { budgets, logger } = await start([
      configured({
        limit: 1,
        match: { users: ['user:default/grace', 'user:default/nobody'] },
      }),
    ]);
    const grace = demandOf({ user: GRACE, connectionId: 'c2' });
    expect(await budgets.reserve(grace, requests(2))).toMatchObject({
      budget: 'all',
    });
    expect(await budgets.reserve(demandOf(), requests(2))).toMatchObject({
      kind: 'reservation',
    });
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain('nobody');
  });

  it('tell people once of each percentage, whichever replica spends', async () => {
    const replicas = [
      await start([configured({ limit: 100, per: 'user' })]),
      await start([configured({ limit: 100, per: 'user' })]),
    ];
    const [one, two] = replicas;
    const percents = () =>
      replicas.flatMap(({ told }) => told.map(({ percent }) => percent)).sort();
    const turn = async () => {
      for (const replica of replicas) {
        await replica.tick();
        await replica.alerts.settled();
      }
    };
    await spend(one, 30);
    await turn();
    expect(percents()).toEqual([]);
    await spend(two, 30);
    await turn();
    expect(percents()).toEqual([50]);
    await spend(one, 1);
    await turn();
    await turn();
    expect(percents()).toEqual([50]);
    // Both of them have something to say.
    await spend(one, 15);
    await spend(two, 20);
    await turn();
    await turn();
    expect(percents()).toEqual([50, 80]);
    expect(await one.budgets.reserve(demandOf(), requests(5))).toMatchObject({
      reason: 'used-up',
    });
    await one.alerts.settled();
    await turn();
    expect(percents()).toEqual([100, 50, 80]);
    const last = replicas
      .flatMap(({ told }) => told)
      .find(({ percent }) => percent === 100);
    expect(last).toMatchObject({
      budget: { name: 'all', limit: 100 },
      recipients: { user: demandOf().user, others: [] },
    });
  });

  it('tell people later, also by another replica, when it does not work', async () => {
    let nowMs = Date.now();
    const onAlert = jest.fn(async () => {
      throw new Error('down');
    });
    const one = await start([configured({})], { onAlert });
    await spend(one, 8);
    await one.tick();
    await one.alerts.settled();
    expect(onAlert).toHaveBeenCalledTimes(1);
    expect(one.told).toEqual([]);

    await database('budget_alerts')
      .where({ told: false })
      .update({ claimed_at: nowMs - 2 * 60_000 });
    nowMs += 60_000;
    const two = await start([configured({})]);
    await two.tick();
    expect(two.told).toMatchObject([{ percent: 80 }]);
    await two.alerts.tellUntold();
    expect(two.told).toHaveLength(1);
  });

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
    const day = new Date(one.time.now() + 86_400_000)
      .toISOString()
      .slice(0, 10);
    const resetsAt = `${day}T00:00:00.000Z`;
    const standing = await one.budgets.standing(open);
    expect(standing).toEqual([
      {
        budget: 'mine',
        unit: 'requests',
        limit: 10,
        window: 'day',
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
        window: 'day',
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
      window: 'day',
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
        { atMs: nowMs - 48 * HOUR_MS },
        { limit: 2, nowMs },
      ),
    ).toEqual({ items: [], nextCursor: undefined });
  });

  it('are deleted after their time, and requests that end later do no harm', async () => {
    const one = await start([
      configured({ name: 'rate', window: 'minute' }),
      configured({ name: 'day' }),
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
    await clean(12 * HOUR_MS);
    expect(await database('budget_buckets')).toHaveLength(2);
    await clean(27 * HOUR_MS);
    expect(await database('budget_buckets').pluck('budget')).toEqual(['day']);
    await clean(32 * 24 * HOUR_MS);
    expect(await database('budget_buckets')).toEqual([]);
    expect(await database('budget_leases')).toEqual([]);
    late.settle(requests(1));
    await one.tick();
    expect(await database('budget_leases')).toEqual([]);
  });

  it('are not exceeded by replicas that spend at the same time, and used up', async () => {
    const limit = 400;
    const budgets = [
      configured({ name: 'all', limit }),
      configured({ name: 'team', per: 'team', limit: limit - 50 }),
      budgetOf({ name: 'tokens', unit: 'tokens', limit: 60_000 }),
    ];
    const replicas = await Promise.all([1, 2, 3, 4].map(() => start(budgets)));
    let spent = 0;
    let running = 0;
    let most = 0;
    const work = async (replica: RunningBudgets) => {
      for (let refusals = 0; refusals < 5; ) {
        const count = 1 + Math.floor(Math.random() * 3);
        const outcome = await replica.budgets.reserve(
          demandOf({ connectionId: randomUUID() }),
          requests(count),
        );
        if (outcome.kind === 'refusal') {
          refusals += 1;
          continue;
        }
        running += count;
        most = Math.max(most, spent + running);
        await new Promise(resolve => setImmediate(resolve));
        running -= count;
        const actual = Math.random() < 0.3 ? 0 : count;
        spent += actual;
        outcome.settle(requests(actual));
      }
    };
    const timers = replicas.map(replica => setInterval(replica.tick, 20));
    await Promise.all(
      replicas.flatMap(replica => [1, 2, 3, 4].map(() => work(replica))),
    );
    timers.forEach(timer => clearInterval(timer));
    expect(most).toBeLessThanOrEqual(limit - 50);
    for (let turn = 0; turn < 3; turn += 1) {
      for (const replica of replicas) {
        await replica.tick();
      }
    }
    const left = limit - 50 - spent;
    const [one] = replicas;
    const rest = one.budgets.reserve(demandOf(), requests(left));
    for (let turn = 0; turn < 3; turn += 1) {
      for (const replica of replicas) {
        await replica.tick();
      }
    }
    expect(await rest).toMatchObject({ kind: 'reservation' });
    expect(await one.budgets.reserve(demandOf(), requests(1))).toMatchObject({
      kind: 'refusal',
    });
  });
});
