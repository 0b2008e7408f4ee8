import type {
  SessionUsage,
  UsageAnomaly,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { timeOf } from '../store';
import { runSql } from './runSql';
import type { HourRange } from './TimeBuckets';
import type { Groups } from './UsageQueries';

/** Fewer other sessions say nothing of what is usual for somebody. */
const MIN_OTHER_SESSIONS = 10;

/** For how much unusual is more than usual. */
const FACTOR = 2;

interface SessionRow {
  principal: string;
  client: string;
  session: string;
  first_at: Date | number | string;
  last_at: Date | number | string;
  requests: number | string;
  tokens: number | string;
  cost_nano_usd: number | string;
}

/** Unusual sessions, and with what they were compared. */
export interface FoundAnomalies extends Groups<UsageAnomaly> {
  organisationP99NanoUsd: number | null;
}

/** Tells of conversations. */
export class SessionQueries {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Sessions of somebody that were under way, the highest cost first. */
  async ofPrincipal(
    principal: string,
    range: HourRange,
    limit: number,
  ): Promise<Groups<SessionUsage>> {
    const rows = await this.#database<SessionRow>('usage_sessions')
      .where({ principal })
      .andWhere('last_at', '>=', timeOf(range.from))
      .andWhere('first_at', '<', timeOf(range.to))
      .orderBy([
        { column: 'cost_nano_usd', order: 'desc' },
        { column: 'last_at', order: 'desc' },
        'client',
        'session',
      ])
      .limit(limit + 1);
    return {
      items: rows.slice(0, limit).map(toSession),
      isCut: rows.length > limit,
    };
  }

  /**
   * Sessions that cost more than twice the 95th percentile of the same user's other
   * ones, and more than the 99th of all, by nearest rank.
   *
   * @param range - in which they ended
   * @param comparedSince - hour since when sessions are compared
   */
  async anomalies(
    range: HourRange,
    comparedSince: number,
    limit: number,
  ): Promise<FoundAnomalies> {
    const until = timeOf(range.to);
    const since = timeOf(comparedSince);
    const [all] = await runSql<{ p99: number | string | null }>(
      this.#database,
      {
        text: `
          with ranked as (
            select cost_nano_usd,
              row_number() over (order by cost_nano_usd) as place,
              count(*) over () as n
            from usage_sessions where last_at >= ? and last_at < ?
          )
          select max(cost_nano_usd) as p99 from ranked
          where place = (n * 99 + 99) / 100`,
        bindings: [since, until],
      },
    );
    if (all.p99 === null) {
      return { organisationP99NanoUsd: null, items: [], isCut: false };
    }
    // Without the one that is looked at, which is above all that count, others keep their places.
    const rows = await runSql<SessionRow & { own_p95: number | string }>(
      this.#database,
      {
        text: `
          with suspects as (
            select distinct principal from usage_sessions
            where last_at >= ? and last_at < ? and cost_nano_usd > ?
          ), ranked as (
            select each.*,
              row_number() over (
                partition by each.principal order by each.cost_nano_usd
              ) as place,
              count(*) over (partition by each.principal) - 1 as others
            from usage_sessions each
            join suspects on suspects.principal = each.principal
            where each.last_at >= ? and each.last_at < ?
          ), usual as (
            select principal, cost_nano_usd as own_p95 from ranked
            where others >= ${MIN_OTHER_SESSIONS}
              and place = (others * 95 + 99) / 100
          )
          select ranked.*, usual.own_p95
          from ranked join usual on usual.principal = ranked.principal
          where ranked.last_at >= ? and ranked.cost_nano_usd > ?
            and ranked.cost_nano_usd > ${FACTOR} * usual.own_p95
          order by ranked.cost_nano_usd desc, ranked.principal, ranked.session
          limit ?`,
        bindings: [
          timeOf(range.from),
          until,
          Number(all.p99),
          since,
          until,
          timeOf(range.from),
          Number(all.p99),
          limit + 1,
        ],
      },
    );
    return {
      organisationP99NanoUsd: Number(all.p99),
      items: rows.slice(0, limit).map(row => ({
        ...toSession(row),
        principal: row.principal,
        ownP95NanoUsd: Number(row.own_p95),
      })),
      isCut: rows.length > limit,
    };
  }
}

function toSession(row: SessionRow): SessionUsage {
  return {
    client: row.client,
    session: row.session,
    firstAt: new Date(row.first_at).toISOString(),
    lastAt: new Date(row.last_at).toISOString(),
    requests: Number(row.requests),
    tokens: Number(row.tokens),
    costNanoUsd: Number(row.cost_nano_usd),
  };
}
