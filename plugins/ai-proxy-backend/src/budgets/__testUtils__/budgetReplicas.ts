import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { BudgetDefinition } from '@prompt-corner/plugin-ai-proxy-common';
import knexFactory, { Knex } from 'knex';
import type { BudgetAlert } from '../alerts';
import { createBudgets, RunningBudgets } from '../createBudgets';
import { parseBudget } from '../definitions';
import type { Demand } from '../matching';
import type { Reservation } from '../Reservation';
import { demandOf, requests } from './demands';
import { migrate } from '../../database/migrate';

export const ADMIN = '99999999-9999-4999-8999-999999999999';
/** The only user who is in the catalog, as `user:default/grace`. */
export const GRACE = '22222222-2222-4222-8222-222222222222';

const TABLES = [
  'budgets',
  'budget_alerts',
  'budget_leases',
  'budget_buckets',
  'budget_replicas',
];

/** A budget as configured, with all that is not said. */
export function configured(changes: object = {}): BudgetDefinition {
  return parseBudget(
    {
      name: 'all',
      unit: 'requests',
      limit: 10,
      window: 'month',
      per: 'none',
      ...changes,
    },
    'test',
  );
}

/** Reserves and settles so many requests. */
export async function spend(
  { budgets }: Pick<RunningBudgets, 'budgets'>,
  count: number,
  demand: Demand = demandOf(),
): Promise<void> {
  const reserved = await budgets.reserve(demand, requests(count));
  (reserved as Reservation).settle(requests(count));
}

/** A database for the tests of a file, and replicas on it with connections of their own. */
export function budgetReplicas(
  databases: TestDatabases,
  databaseId: Parameters<TestDatabases['init']>[0],
) {
  const started: RunningBudgets[] = [];
  const connections: Knex[] = [];
  let database: Knex;

  beforeAll(async () => {
    database = await databases.init(databaseId);
    await migrate(database);
  });

  beforeEach(async () => {
    for (const table of TABLES) {
      await database(table).delete();
    }
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(one => one.stop()));
    await Promise.all(connections.splice(0).map(one => one.destroy()));
  });

  /** One that does nothing by itself, and has read nothing yet. */
  const create = (
    budgets: BudgetDefinition[],
    options: { onAlert?: () => Promise<void> } = {},
  ) => {
    const told: BudgetAlert[] = [];
    const logger = mockServices.logger.mock();
    let own = database;
    if (databaseId !== 'SQLITE_3') {
      own = knexFactory({
        ...database.client.config,
        pool: { min: 0, max: 3 },
      });
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
        told.push(alert);
      },
      logger,
    });
    started.push(running);
    return { ...running, told, logger };
  };

  return {
    database: () => database,
    create,
    /** One that does what is due when the test says so. */
    async start(...options: Parameters<typeof create>) {
      const running = create(...options);
      await running.definitions.refresh();
      await running.tick();
      return running;
    },
  };
}
