import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { Knex } from 'knex';
import { AccountBook } from './accounts';
import { AlertStore, BudgetAlert, BudgetAlerts } from './alerts';
import { BucketReader } from './buckets';
import { Budgets } from './Budgets';
import { BudgetDefinitions, BudgetsConfig, BudgetStore } from './definitions';
import {
  DatabaseLeaseStore,
  DatabaseTime,
  LeaseKeeper,
  LeaseStore,
} from './leases';

/** How often replicas tell what they spent, and hear of what others lack. */
const TICK_MS = 500;

/** How soon a replica knows what administrators changed at another. */
const REFRESH_MS = 5_000;

/** How long it takes until what nobody could be told of is looked for. */
const UNTOLD_MS = 60_000;

/** Any replica may, and several at once do no harm. */
const CLEAN_MS = 60 * 60_000;

/** For how long pages can show what was spent in windows of minutes and hours. */
const SHORT_WINDOWS_KEPT_MS = 24 * 60 * 60_000;

/** And in others. */
const LONG_WINDOWS_KEPT_MS = 400 * 24 * 60 * 60_000;

/** The budgets of this process, with all that belongs to them. */
export interface RunningBudgets {
  budgets: Budgets;
  definitions: BudgetDefinitions;
  buckets: BucketReader;
  alerts: BudgetAlerts;
  /** The time by the clock of the database. */
  time: DatabaseTime;
  /** One turn of what happens twice a second. Never rejects. */
  tick(): Promise<void>;
  /** Deletes what is old, as happens once an hour. Never rejects. */
  clean(): Promise<void>;
  /** Begins with the turns. @throws an error of the database, without which nothing is known */
  start(): Promise<void>;
  /** Ends with them, and gives back what is leased. Requests that run can be settled afterwards. */
  stop(): Promise<void>;
}

/**
 * Puts budgets together.
 *
 * @param options.uuidOf - of a user of the catalog, by entity ref
 * @param options.onAlert - tells people; see `notifyBudgetAlert`
 * @param options.replica - UUID of this process; default: a new one
 */
export function createBudgets(options: {
  config: BudgetsConfig;
  database: Knex;
  uuidOf: (entityRef: string) => Promise<string>;
  onAlert: (alert: BudgetAlert) => Promise<void>;
  logger: LoggerService;
  replica?: string;
  time?: DatabaseTime;
  store?: LeaseStore;
}): RunningBudgets {
  const { config, database, logger, onAlert, uuidOf } = options;
  const replica = options.replica ?? randomUUID();
  const time = options.time ?? new DatabaseTime();
  const keeper = new LeaseKeeper({
    store: options.store ?? new DatabaseLeaseStore({ database }),
    replica,
    time,
    onAvailability: (available, error) =>
      available
        ? logger.info('Budgets have their database back')
        : logger.warn(
            `Budgets are without their database: requests are ${
              config.withoutDatabase === 'allow' ? 'let through' : 'refused'
            } once what this replica has leased is used up: ${stringifyError(
              error,
            )}`,
          ),
  });
  const book = new AccountBook({ keeper });
  const alerts = new BudgetAlerts({
    store: new AlertStore({ database }),
    time,
    findBudget: name => book.findBudget(name),
    onAlert,
    logger,
  });
  keeper.onRenewed(slice => alerts.renewed(slice));
  const buckets = new BucketReader({ database });
  const definitions = new BudgetDefinitions({
    configured: config.budgets,
    store: new BudgetStore({ database }),
    uuidOf,
    logger,
  });
  definitions.onChange(budgets => book.setBudgets(budgets));
  const budgets = new Budgets({
    book,
    keeper,
    time,
    alerts,
    withoutDatabase: config.withoutDatabase,
    totalsOfOthers: ids => buckets.totalsOfOthers(replica, ids),
  });

  const dueEvery = (everyMs: number, work: () => Promise<void>) => {
    let doneMs = -Infinity;
    return async () => {
      const nowMs = time.now();
      if (Math.abs(nowMs - doneMs) >= everyMs) {
        doneMs = nowMs;
        await work().catch(error =>
          logger.warn('Budgets could not be looked after', error),
        );
      }
    };
  };
  const refresh = dueEvery(REFRESH_MS, () => definitions.refresh());
  const tellUntold = dueEvery(UNTOLD_MS, () => alerts.tellUntold());
  let ticking: Promise<void> | undefined;
  const turn = async () => {
    const nowMs = time.now();
    for (const account of book.accounts()) {
      account.prepareNext(nowMs);
    }
    await keeper.tick();
    await refresh();
    await tellUntold();
  };
  const tick = () => {
    ticking ??= turn().finally(() => {
      ticking = undefined;
    });
    return ticking;
  };
  const clean = () =>
    buckets
      .clean({
        nowMs: time.now(),
        shortMs: SHORT_WINDOWS_KEPT_MS,
        longMs: LONG_WINDOWS_KEPT_MS,
      })
      .catch(error =>
        logger.warn('Old windows of budgets could not be deleted', error),
      );
  const timers: NodeJS.Timeout[] = [];

  return {
    budgets,
    definitions,
    buckets,
    alerts,
    time,
    tick,
    clean,
    async start() {
      await definitions.refresh();
      await tick();
      timers.push(setInterval(tick, TICK_MS), setInterval(clean, CLEAN_MS));
      timers.forEach(timer => timer.unref());
    },
    async stop() {
      timers.forEach(timer => clearInterval(timer));
      await ticking;
      await keeper.stop();
      await alerts.settled();
    },
  };
}
