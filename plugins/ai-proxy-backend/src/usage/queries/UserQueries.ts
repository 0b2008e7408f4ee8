import type { UserUsage } from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { timeOf } from '../store';
import {
  allOf,
  oneOf,
  selectionConditions,
  Sql,
  UsageSelection,
} from './conditions';
import { runSql } from './runSql';
import { SumsRow, sumsOfRollup, toSums } from './sums';
import type { TimeBuckets } from './TimeBuckets';
import type { Groups } from './UsageQueries';

interface UserRow extends SumsRow {
  principal: string;
  principal_kind: string;
}

/** Tells what each user and service did. */
export class UserQueries {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /**
   * Those with the highest cost first.
   *
   * @param days - by which active days are counted
   */
  async list(
    selection: UsageSelection,
    days: TimeBuckets,
    page: { limit: number; offset: number },
  ): Promise<Groups<UserUsage>> {
    const where = selectionConditions(selection);
    const rows = await runSql<UserRow>(this.#database, {
      text: `
        select u.principal, max(s.principal_kind) as principal_kind,
          ${sumsOfRollup(false)}, max(u.hour) as last_hour
        from usage_by_caller u
        join usage_series s on s.series = u.series
        where ${where.text}
        group by u.principal
        order by cost_nano_usd desc, requests desc, u.principal
        limit ? offset ?`,
      bindings: [...where.bindings, page.limit + 1, page.offset],
    });
    const users = rows.slice(0, page.limit);
    const isCut = rows.length > page.limit;
    if (!users.length) {
      return { items: [], isCut };
    }
    const principals = users.map(({ principal }) => principal);
    const [models, sessions, activeDays] = await Promise.all([
      this.#topModels(where, principals),
      this.#sessions(selection, principals),
      this.#activeDays(where, days, principals),
    ]);
    const items = users.map(row => ({
      principal: row.principal,
      principalKind: row.principal_kind,
      ...toSums(row),
      sessions: sessions.get(row.principal) ?? 0,
      activeDays: activeDays.get(row.principal) ?? 0,
      lastSeenHour: timeOf(Number(row.last_hour)).toISOString(),
      ...models.get(row.principal),
    }));
    return { items, isCut };
  }

  /** That for which each of some users spent most. */
  async #topModels(
    where: Sql,
    principals: string[],
  ): Promise<Map<string, Pick<UserUsage, 'topModel' | 'topProvider'>>> {
    const conditions = allOf([
      where,
      oneOf('u.principal', principals),
      { text: "s.model <> ''", bindings: [] },
    ]);
    const rows = await runSql<Record<string, string>>(this.#database, {
      text: `
        with models as (
          select u.principal, s.provider, s.model,
            row_number() over (
              partition by u.principal
              order by sum(u.cost_nano_usd) desc, sum(u.requests) desc, s.model, s.provider
            ) as place
          from usage_by_caller u
          join usage_series s on s.series = u.series
          where ${conditions.text}
          group by u.principal, s.provider, s.model
        )
        select principal, provider, model from models where place = 1`,
      bindings: conditions.bindings,
    });
    return new Map(
      rows.map(({ principal, provider, model }) => [
        principal,
        { topModel: model, topProvider: provider || undefined },
      ]),
    );
  }

  /** Not with the sums: to tell days apart, PostgreSQL would sort all rows of everybody. */
  async #activeDays(
    where: Sql,
    days: TimeBuckets,
    principals: string[],
  ): Promise<Map<string, number>> {
    const conditions = allOf([where, oneOf('u.principal', principals)]);
    const rows = await runSql<{ principal: string; count: string | number }>(
      this.#database,
      {
        text: `
          select u.principal,
            count(distinct ${days.expression('u.hour')}) as count
          from usage_by_caller u
          join usage_series s on s.series = u.series
          where ${conditions.text}
          group by u.principal`,
        bindings: conditions.bindings,
      },
    );
    return new Map(
      rows.map(({ principal, count }) => [principal, Number(count)]),
    );
  }

  async #sessions(
    { range }: UsageSelection,
    principals: string[],
  ): Promise<Map<string, number>> {
    const rows: Array<{ principal: string; count: string | number }> =
      await this.#database('usage_sessions')
        .select('principal')
        .count({ count: '*' })
        .whereIn('principal', principals)
        .andWhere('last_at', '>=', timeOf(range.from))
        .andWhere('first_at', '<', timeOf(range.to))
        .groupBy('principal');
    return new Map(
      rows.map(({ principal, count }) => [principal, Number(count)]),
    );
  }
}
