import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ADMIN,
  budgetReplicas,
  configured,
  GRACE,
} from '../__testUtils__/budgetReplicas';
import { demandOf, requests } from '../__testUtils__/demands';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('budgets (%s)', databaseId => {
  const { start } = budgetReplicas(databases, databaseId);

  it('are made, changed and deleted by administrators, at all replicas', async () => {
    const one = await start([configured()]);
    const two = await start([configured()]);
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
      { ...configured(), origin: 'config' },
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
    const { definitions } = await start([configured()]);
    const { name, unit, limit, window, per } = configured();
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
});
