import type { BudgetRefusal } from '@prompt-corner/plugin-ai-proxy-common';
import { demandOf, requests } from './__testUtils__/demands';
import { START_MS, startWorld } from './__testUtils__/answeringStore';
import { MemoryLeaseStore } from './__testUtils__/MemoryLeaseStore';
import { budgetOf, settled, startReplica } from './__testUtils__/TestReplica';
import type { Reservation } from './Reservation';

const isPromise = (value: unknown) => value instanceof Promise;

describe('a reservation', () => {
  it('waits for the database once, and then for nothing', async () => {
    const { budgets, keeper, wait } = startWorld([
      budgetOf({ name: 'all', limit: 10_000 }),
    ]);
    const first = budgets.reserve(demandOf(), requests(1));
    expect(isPromise(first)).toBe(true);
    expect(await first).toMatchObject({ kind: 'reservation' });
    for (let count = 0; count < 200; count += 1) {
      const next = budgets.reserve(demandOf(), requests(1));
      expect(isPromise(next)).toBe(false);
      (next as Reservation).settle(requests(1));
      // What is asked in the background is answered in the meantime.
      await settled();
    }
    wait(9 * 60_000);
    await keeper.tick();
    expect(isPromise(budgets.reserve(demandOf(), requests(1)))).toBe(false);
  });

  it('does not wait when a new window begins, where requests come', async () => {
    const { budgets, book, keeper, wait, asks } = startWorld([
      budgetOf({ name: 'rate', limit: 600, window: 'minute' }),
    ]);
    await budgets.reserve(demandOf(), requests(1));
    for (let halfSeconds = 0; halfSeconds < 240; halfSeconds += 1) {
      wait(500);
      for (const account of book.accounts()) {
        account.prepareNext(START_MS + (halfSeconds + 1) * 500);
      }
      await keeper.tick();
      const reserved = budgets.reserve(demandOf(), requests(1));
      expect(isPromise(reserved)).toBe(false);
      (reserved as Reservation).settle(requests(1));
    }
    expect(asks.length).toBeLessThan(300);
  });

  it('has no effect without budgets, or where none counts it', async () => {
    const { budgets, asks } = startWorld([
      budgetOf({ name: 'all', match: { kinds: ['service'] } }),
    ]);
    const reserved = budgets.reserve(demandOf(), requests(1_000));
    expect(reserved).toMatchObject({ kind: 'reservation' });
    expect(asks).toEqual([]);
  });

  it('counts once what a request took in the end, however often it is said', async () => {
    const { budgets, keeper } = startWorld();
    const one = (await budgets.reserve(demandOf(), requests(8))) as Reservation;
    one.settle(requests(3));
    one.settle(requests(3));
    one.settle(requests(100));
    expect(await budgets.reserve(demandOf(), requests(8))).toMatchObject({
      kind: 'refusal',
      reason: 'used-up',
    });
    const two = await budgets.reserve(demandOf(), requests(7));
    expect(two).toMatchObject({ kind: 'reservation' });
    (two as Reservation).settle(requests(12));
    await keeper.tick();
    expect(await budgets.reserve(demandOf(), requests(1))).toMatchObject({
      kind: 'refusal',
      reason: 'used-up',
    });
    // What costs nothing is no matter for a budget of money or tokens.
    expect(
      await budgets.reserve(demandOf(), { ...requests(1), requests: 0 }),
    ).toMatchObject({ kind: 'reservation' });
  });

  it('belongs to the window in which it was made', async () => {
    const { budgets, wait, keeper } = startWorld();
    const late = (await budgets.reserve(
      demandOf(),
      requests(10),
    )) as Reservation;
    wait(2 * 3_600_000);
    const next = await budgets.reserve(demandOf(), requests(10));
    expect(next).toMatchObject({ kind: 'reservation' });
    late.settle(requests(10));
    (next as Reservation).settle(requests(0));
    await keeper.tick();
    expect(await budgets.reserve(demandOf(), requests(10))).toMatchObject({
      kind: 'reservation',
    });
  });

  it('needs room in all budgets: the team does not hide the user', async () => {
    const { budgets } = startWorld([
      budgetOf({ name: 'user', limit: 5, per: 'user' }),
      budgetOf({ name: 'team', limit: 8, per: 'team' }),
    ]);
    const bob = demandOf({ user: 'bob', connectionId: 'c2' });
    expect(await budgets.reserve(demandOf(), requests(5))).toMatchObject({
      kind: 'reservation',
    });
    expect(await budgets.reserve(demandOf(), requests(1))).toMatchObject({
      budget: 'user',
    });
    expect(await budgets.reserve(bob, requests(4))).toMatchObject({
      budget: 'team',
    });
    expect(await budgets.reserve(bob, requests(3))).toMatchObject({
      kind: 'reservation',
    });
  });

  it('gets what another replica has left that waits too, and cannot use it', async () => {
    const { budgets, keeper, start } = startWorld([
      budgetOf({ name: 'all', limit: 4 }),
    ]);
    const other = start();
    for (const each of [budgets, other.budgets]) {
      const two = await each.reserve(demandOf(), requests(2));
      (two as Reservation).settle(requests(0));
    }
    const outcomes = Promise.all(
      [budgets, other.budgets].map(each =>
        each.reserve(demandOf(), requests(3)),
      ),
    );
    for (let ticks = 0; ticks < 4; ticks += 1) {
      await Promise.all([keeper.tick(), other.keeper.tick()]);
    }
    expect((await outcomes).map(({ kind }) => kind).sort()).toEqual([
      'refusal',
      'reservation',
    ]);
  });

  it('leaves nothing behind in one budget when another one refuses', async () => {
    const { budgets } = startWorld([
      budgetOf({ name: 'user', limit: 5, per: 'user' }),
      budgetOf({ name: 'all', limit: 8 }),
    ]);
    const bob = demandOf({ user: 'bob', connectionId: 'c2' });
    await budgets.reserve(demandOf(), requests(4));
    expect(await budgets.reserve(bob, requests(5))).toMatchObject({
      budget: 'all',
    });
    expect(await budgets.reserve(bob, requests(4))).toMatchObject({
      kind: 'reservation',
    });
  });

  it('keeps to what a user allowed a connection in a day', async () => {
    const { budgets } = startWorld([]);
    const demand = demandOf({ grantBudgetUsdPerDay: 0.05 });
    expect(await budgets.reserve(demand, requests(5))).toMatchObject({
      kind: 'reservation',
    });
    expect(await budgets.reserve(demand, requests(1))).toMatchObject({
      budget: 'connection',
      unit: 'usd',
      limit: 0.05,
      resetsAt: '2026-11-22T00:00:00.000Z',
    });
    expect(
      await budgets.reserve({ ...demand, connectionId: 'c2' }, requests(1)),
    ).toMatchObject({ kind: 'reservation' });
  });

  it('of a soft budget is never refused', async () => {
    const { budgets, keeper, store } = startWorld([
      budgetOf({ name: 'all', limit: 3, soft: true }),
    ]);
    for (let count = 0; count < 5; count += 1) {
      const reserved = budgets.reserve(demandOf(), requests(1));
      (reserved as Reservation).settle(requests(1));
    }
    await keeper.tick();
    expect([...store.buckets.values()]).toMatchObject([{ spent: 5 }]);
  });

  it('counts as a whole when nobody can say what it took', async () => {
    const { budgets } = startWorld();
    const one = await budgets.reserve(demandOf(), requests(8));
    (one as Reservation).settle({ ...requests(1), nanoUsd: NaN });
    expect(await budgets.reserve(demandOf(), requests(3))).toMatchObject({
      reason: 'used-up',
    });
  });

  it('cannot be of less than nothing', () => {
    const { budgets } = startWorld();
    for (const amount of [-1, NaN]) {
      expect(() =>
        budgets.reserve(demandOf(), { ...requests(1), tokens: amount }),
      ).toThrow('may be negative');
    }
  });

  it('follows a changed limit, and what was spent stays spent', async () => {
    const { budgets, setBudgets, keeper } = startWorld();
    const one = await budgets.reserve(demandOf(), requests(4));
    (one as Reservation).settle(requests(4));
    setBudgets([budgetOf({ name: 'all', limit: 5 })]);
    await keeper.tick();
    expect(await budgets.reserve(demandOf(), requests(2))).toMatchObject({
      kind: 'refusal',
      limit: 5,
    });
    setBudgets([budgetOf({ name: 'all', limit: 20 })]);
    expect(await budgets.reserve(demandOf(), requests(16))).toMatchObject({
      kind: 'reservation',
    });
  });
});

describe('replicas', () => {
  it('give back what another one lacks, and the request waits for it', async () => {
    const one = startWorld([budgetOf({ name: 'all', limit: 20 })]);
    const two = one.start();
    await one.keeper.tick();
    const first = await one.budgets.reserve(demandOf(), requests(4));
    (first as Reservation).settle(requests(4));
    const wanted = two.budgets.reserve(demandOf(), requests(16));
    await settled();
    for (let turn = 0; turn < 3; turn += 1) {
      await one.keeper.tick();
      await two.keeper.tick();
    }
    expect(await wanted).toMatchObject({ kind: 'reservation' });
  });

  it('go by the clock of the database', async () => {
    const nowMs = START_MS;
    const store = new MemoryLeaseStore(() => nowMs);
    const replica = startReplica({
      store,
      budgets: [],
      clock: () => 5,
      startMs: nowMs - 3 * 3_600_000,
    });
    expect(replica.time.now()).toBe(nowMs - 3 * 3_600_000);
    await replica.keeper.tick();
    expect(replica.time.now()).toBe(nowMs);
  });
});

describe('without the database', () => {
  it('requests go on with what is leased, and are refused after that', async () => {
    const { budgets, keeper, setDown, asks } = startWorld([
      budgetOf({ name: 'all', limit: 100 }),
    ]);
    await budgets.reserve(demandOf(), requests(1));
    await keeper.tick();
    setDown(true);
    await keeper.tick();
    const before = asks.length;
    expect(budgets.reserve(demandOf(), requests(1))).toMatchObject({
      kind: 'reservation',
    });
    const refusal = await budgets.reserve(demandOf(), requests(50));
    expect(refusal).toMatchObject({
      kind: 'refusal',
      reason: 'unavailable',
      status: 503,
      retryAfterSeconds: 2,
    });
    expect((refusal as BudgetRefusal).message).toContain(
      'the database does not answer',
    );
    // Nobody waits for a database of which it is known that it is gone.
    expect(asks).toHaveLength(before);
    setDown(false);
    await keeper.tick();
    expect(await budgets.reserve(demandOf(), requests(50))).toMatchObject({
      kind: 'reservation',
    });
  });

  it('requests are let through where that is configured, and counted afterwards', async () => {
    const { budgets, keeper, setDown, store } = startWorld(undefined, 'allow');
    setDown(true);
    const reserved = await budgets.reserve(demandOf(), requests(9));
    expect(reserved).toMatchObject({ kind: 'reservation' });
    (reserved as Reservation).settle(requests(9));
    setDown(false);
    await keeper.tick();
    expect([...store.buckets.values()]).toMatchObject([{ spent: 9 }]);
    expect(await budgets.reserve(demandOf(), requests(2))).toMatchObject({
      kind: 'refusal',
      status: 429,
    });
  });
});
