import type { UsageAdoption } from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { IS_ACTIVE } from './activeUsers';
import { selectionConditions, UsageSelection } from './conditions';
import { runSql } from './runSql';
import type { TimeBuckets } from './TimeBuckets';
import type { Groups } from './UsageQueries';

/** What is known of active users without the catalog. */
export type ActiveUsers = Pick<
  UsageAdoption,
  | 'activeUsers'
  | 'medianTokens'
  | 'medianCostNanoUsd'
  | 'topTenthShare'
  | 'usersToReview'
>;

/** More points than anybody looks at. */
const MAX_POINTS = 10_000;

/** Tells how many use models, and how unevenly. */
export class AdoptionQueries {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Of users with a request that was not refused. */
  async activeUsers(selection: UsageSelection): Promise<ActiveUsers> {
    const where = selectionConditions(selection);
    const median = (column: string, rank: string) =>
      // One in the middle, or the two around it.
      `avg(case when ${rank} in ((n + 1) / 2, (n + 2) / 2) then ${column} end)`;
    const topTenth = (column: string, rank: string) =>
      `sum(case when ${rank} > n - (n + 9) / 10 then ${column} else 0 end)`;
    const [row] = await runSql<Record<string, string | number | null>>(
      this.#database,
      {
        text: `
          with users as (
            select u.principal,
              sum(u.input_tokens + u.cache_read_tokens + u.cache_write_5m_tokens
                + u.cache_write_1h_tokens + u.output_tokens) as tokens,
              sum(u.cost_nano_usd) as cost,
              sum(u.requests) as requests
            from usage_by_caller u
            join usage_series s on s.series = u.series
            where ${where.text} and ${IS_ACTIVE}
            group by u.principal
          ), ranked as (
            select tokens, cost, requests,
              row_number() over (order by tokens) as token_rank,
              row_number() over (order by cost) as cost_rank,
              row_number() over (order by requests) as request_rank,
              count(*) over () as n
            from users
          ), summed as (
            select count(*) as users,
              ${median('tokens', 'token_rank')} as median_tokens,
              ${median('cost', 'cost_rank')} as median_cost,
              sum(requests) as requests,
              sum(cost) as cost,
              ${topTenth('requests', 'request_rank')} as top_requests,
              ${topTenth('cost', 'cost_rank')} as top_cost
            from ranked
          )
          select summed.*, (
            select count(*) from users
            where summed.median_cost > 0 and users.cost >= 2 * summed.median_cost
          ) as to_review
          from summed`,
        bindings: where.bindings,
      },
    );
    const share = (part: string, whole: string) =>
      Number(row[whole]) > 0 ? Number(row[part]) / Number(row[whole]) : null;
    const rounded = (column: string) =>
      row[column] === null ? null : Math.round(Number(row[column]));
    return {
      activeUsers: Number(row.users),
      medianTokens: rounded('median_tokens'),
      medianCostNanoUsd: rounded('median_cost'),
      topTenthShare: {
        requests: share('top_requests', 'requests'),
        cost: share('top_cost', 'cost'),
      },
      usersToReview: Number(row.to_review),
    };
  }
  /** Active users of each bucket, in order. */
  async timeline(
    selection: UsageSelection,
    buckets: TimeBuckets,
  ): Promise<Groups<UsageAdoption['timeline'][number]>> {
    const where = selectionConditions(selection);
    const rows = await runSql<Record<string, string | number>>(this.#database, {
      text: `
        with active as (
          select distinct ${buckets.expression('u.hour')} as bucket, u.principal
          from usage_by_caller u
          join usage_series s on s.series = u.series
          where ${where.text} and ${IS_ACTIVE}
        )
        select bucket, count(*) as active_users from active
        group by bucket order by bucket
        limit ${MAX_POINTS + 1}`,
      bindings: where.bindings,
    });
    return {
      items: rows.slice(0, MAX_POINTS).map(row => ({
        start: buckets.startOf(Number(row.bucket)),
        activeUsers: Number(row.active_users),
      })),
      isCut: rows.length > MAX_POINTS,
    };
  }
}
