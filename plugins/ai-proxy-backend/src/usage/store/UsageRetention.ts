import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { UsageConfig } from '../config';
import { hourOf } from './columns';

const DAY_MS = 24 * 60 * 60_000;

/** In one statement: few enough that events can be written in between. */
const DELETED_AT_ONCE = 2_000;

/** What was deleted, by table. */
export interface Expired {
  events: number;
  sessions: number;
  rollups: number;
  /** What series and team sets say, to which nothing refers any more. */
  texts: number;
}

/** Deletes events, sessions and roll-ups after their time, and the texts to which they refer. */
export class UsageRetention {
  readonly #database: Knex;
  readonly #settings: UsageConfig;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  constructor(options: {
    database: Knex;
    settings: UsageConfig;
    logger: LoggerService;
    /** Default: the system's. */
    clock?: () => Date;
  }) {
    this.#database = options.database;
    this.#settings = options.settings;
    this.#logger = options.logger;
    this.#clock = options.clock ?? (() => new Date());
  }

  /** Expires from time to time, in one replica. */
  async schedule(scheduler: SchedulerService): Promise<void> {
    await scheduler.scheduleTask({
      id: 'expire-usage',
      frequency: { hours: 1 },
      timeout: { minutes: 50 },
      initialDelay: { minutes: 7 },
      fn: async () => {
        await this.expire();
      },
    });
  }

  /** Deletes what is too old. What an earlier run left is deleted, too. */
  async expire(): Promise<Expired> {
    const now = this.#clock().getTime();
    const firstEvent = new Date(now - this.#settings.retentionDays * DAY_MS);
    const firstHour = hourOf(
      new Date(now - this.#settings.rollupRetentionDays * DAY_MS),
    );
    const expired = {
      events: await this.#delete('usage_events', 'at', firstEvent),
      sessions: await this.#delete('usage_sessions', 'last_at', firstEvent),
      rollups:
        (await this.#delete('usage_by_caller', 'hour', firstHour)) +
        (await this.#delete('usage_by_model', 'hour', firstHour)),
      // Last, as all others refer to them. Roll-ups are kept at least as long as events.
      texts:
        (await this.#delete('usage_series', 'last_hour', firstHour)) +
        (await this.#delete('usage_team_sets', 'last_hour', firstHour)),
    };
    if (Object.values(expired).some(count => count > 0)) {
      this.#logger.info('Deleted usage that was kept for its time', {
        ...expired,
      });
    }
    return expired;
  }

  async #delete(
    table: string,
    column: string,
    before: Date | number,
  ): Promise<number> {
    // Both databases have a name for where a row is stored.
    const place =
      this.#database.client.config.client === 'pg' ? 'ctid' : 'rowid';
    let total = 0;
    for (;;) {
      const deleted = await this.#database(table)
        .whereRaw(
          `${place} in (select ${place} from ${table} where ${column} < ? limit ${DELETED_AT_ONCE})`,
          [before],
        )
        .delete();
      total += deleted;
      if (deleted < DELETED_AT_ONCE) {
        return total;
      }
    }
  }
}
