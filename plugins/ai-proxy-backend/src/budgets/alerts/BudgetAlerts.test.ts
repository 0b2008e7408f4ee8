import { TestDatabases } from '@backstage/backend-test-utils';
import {
  budgetReplicas,
  configured,
  spend,
} from '../__testUtils__/budgetReplicas';
import { demandOf, requests } from '../__testUtils__/demands';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'alerts of budgets (%s)',
  databaseId => {
    const { database, start } = budgetReplicas(databases, databaseId);

    it('tell people once of each percentage, whichever replica spends', async () => {
      const replicas = [
        await start([configured({ limit: 100, per: 'user' })]),
        await start([configured({ limit: 100, per: 'user' })]),
      ];
      const [one, two] = replicas;
      const percents = () =>
        replicas
          .flatMap(({ told }) => told.map(({ percent }) => percent))
          .sort();
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
      const one = await start([configured()], { onAlert });
      await spend(one, 8);
      await one.tick();
      await one.alerts.settled();
      expect(onAlert).toHaveBeenCalledTimes(1);
      expect(one.told).toEqual([]);

      await database()('budget_alerts')
        .where({ told: false })
        .update({ claimed_at: nowMs - 2 * 60_000 });
      nowMs += 60_000;
      const two = await start([configured()]);
      await two.tick();
      expect(two.told).toMatchObject([{ percent: 80 }]);
      await two.alerts.tellUntold();
      expect(two.told).toHaveLength(1);
    });
  },
);
