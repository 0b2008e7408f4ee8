import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import { budgetReplicas, configured } from './__testUtils__/budgetReplicas';
import { demandOf, requests } from './__testUtils__/demands';
import { budgetOf } from './__testUtils__/TestReplica';
import type { RunningBudgets } from './createBudgets';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('budgets (%s)', databaseId => {
  const { create, start } = budgetReplicas(databases, databaseId);

  it('hold from the beginning, without anything that was read', async () => {
    const { budgets, start: begin, stop } = create([configured({ limit: 1 })]);
    expect(await budgets.reserve(demandOf(), requests(2))).toMatchObject({
      budget: 'all',
    });
    await begin();
    await stop();
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
