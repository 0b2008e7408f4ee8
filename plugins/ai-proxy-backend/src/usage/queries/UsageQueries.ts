import type {
  UsageDimension,
  UsageGroup,
  UsagePoint,
  UsageSums,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import {
  allOf,
  filteredBy,
  needsCallers,
  oneOf,
  selectionConditions,
  seriesColumnOf,
  Sql,
  UsageSelection,
} from './conditions';
import { runSql } from './runSql';
import { SumsRow, sumsOfRollup, sumsOfSums, toSums } from './sums';
import type { TimeBuckets } from './TimeBuckets';

/** More points than anybody looks at. */
export const MAX_POINTS = 10_000;

/** What is asked of the roll-ups. */
interface SumsQuestion extends UsageSelection {
  by: readonly UsageDimension[];
  buckets?: TimeBuckets;
  /** Whether active users are counted, for which callers have to be told apart. */
  withUsers: boolean;
  withDurations: boolean;
  /** Only groups with these keys. */
  keys?: ReadonlyArray<UsageGroup['key']>;
  limit: number;
}

/** Groups, and whether there were more. */
export interface Groups<T> {
  items: T[];
  isCut: boolean;
}

/**
 * Adds up the hourly roll-ups; events are never read.
 *
 * There are two of them. The one by model has some thousand rows a day, and answers
 * whatever is not about callers, teams or components. The one by caller has as many as there are
 * users, models and clients in each hour.
 */
export class UsageQueries {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Sums of a selection. */
  async totals(selection: UsageSelection): Promise<UsageSums> {
    const isOfCallers = filteredBy(selection.filters).some(needsCallers);
    const [row] = await this.#sums({
      ...selection,
      by: [],
      withUsers: isOfCallers,
      withDurations: isSmall(selection, []),
      limit: 1,
    });
    return toSums(row);
  }

  /** Sums of each combination of values, the highest cost first. */
  async groups(
    selection: UsageSelection,
    by: readonly UsageDimension[],
    limit: number,
  ): Promise<Groups<UsageGroup>> {
    const rows = await this.#sums({
      ...selection,
      by,
      withUsers: [...by, ...filteredBy(selection.filters)].some(needsCallers),
      withDurations: isSmall(selection, by),
      limit: limit + 1,
    });
    return {
      items: rows
        .slice(0, limit)
        .map(row => ({ key: keyOf(row, by), ...toSums(row) })),
      isCut: rows.length > limit,
    };
  }

  /**
   * Sums of each bucket, in order; of each of some groups in it, where these are given.
   *
   * @param groups - their dimensions, and their keys
   */
  async timeline(
    selection: UsageSelection,
    buckets: TimeBuckets,
    groups: {
      by: readonly UsageDimension[];
      keys: ReadonlyArray<UsageGroup['key']>;
    } = { by: [], keys: [] },
    options: { withUsers?: boolean } = {},
  ): Promise<Groups<UsagePoint>> {
    const { by, keys } = groups;
    if (by.length && !keys.length) {
      return { items: [], isCut: false };
    }
    const rows = await this.#sums({
      ...selection,
      by,
      keys: by.length ? keys : undefined,
      buckets,
      withUsers: options.withUsers ?? false,
      withDurations: false,
      limit: MAX_POINTS + 1,
    });
    return {
      items: rows.slice(0, MAX_POINTS).map(row => ({
        start: buckets.startOf(Number(row.bucket)),
        key: keyOf(row, by),
        ...toSums(row),
      })),
      isCut: rows.length > MAX_POINTS,
    };
  }

  async #sums(question: SumsQuestion): Promise<SumsRow[]> {
    const { by, buckets, withDurations, withUsers } = question;
    const isOfCallers =
      withUsers || [...by, ...filteredBy(question.filters)].some(needsCallers);
    const where = selectionConditions(question);

    // First by everything that matters, teams not yet: what a caller of several teams did is added up once.
    const inner: string[] = by.flatMap(dimension => {
      const column = seriesColumnOf(dimension);
      return column ? [`s.${column} as ${aliasOf(dimension)}`] : [];
    });
    if (buckets) {
      inner.push(`${buckets.expression('u.hour')} as bucket`);
    }
    if (withUsers || by.includes('principal')) {
      inner.push('u.principal as by_principal');
    }
    if (by.includes('team')) {
      inner.push('u.team_set as team_set');
    }
    const active = withUsers
      ? ", max(case when s.principal_kind = 'user' and s.outcome <> 'refused' then 1 else 0 end) as is_active"
      : '';
    const source = `
      select ${inner.map(column => `${column}, `).join('')}
        ${sumsOfRollup(withDurations)}${active}
      from ${isOfCallers ? 'usage_by_caller' : 'usage_by_model'} u
      join usage_series s on s.series = u.series
      where ${where.text}
      ${groupBy(inner.length)}`;

    const outer = [
      ...by.map(dimension =>
        dimension === 'team'
          ? "coalesce(t.team, '') as by_team"
          : aliasOf(dimension),
      ),
      ...(buckets ? ['bucket'] : []),
    ];
    const users = withUsers
      ? ', count(distinct case when is_active = 1 then by_principal end) as active_users'
      : '';
    const chosen = chosenGroups(question);
    const text = `
      with summed as (${source})
      select ${outer.map(column => `${column}, `).join('')}
        ${sumsOfSums(withDurations)}${users}
      from summed ${
        by.includes('team')
          ? 'left join usage_team_sets t on t.team_set = summed.team_set'
          : ''
      }
      ${chosen ? `where ${chosen.text}` : ''}
      ${groupBy(outer.length)}
      order by ${
        buckets ? 'bucket, ' : ''
      } cost_nano_usd desc, requests desc${by
      .map(dimension => `, ${aliasOf(dimension)}`)
      .join('')}
      limit ${question.limit}`;
    return runSql(this.#database, {
      text,
      bindings: [...where.bindings, ...(chosen?.bindings ?? [])],
    });
  }
}

/** Whether the rows are few enough to add up their histograms, too. */
function isSmall(
  selection: UsageSelection,
  by: readonly UsageDimension[],
): boolean {
  const filtered = filteredBy(selection.filters);
  return (
    filtered.includes('principal') ||
    filtered.includes('team') ||
    ![...by, ...filtered].some(needsCallers)
  );
}

/** Callers in a team are in others as well, which nobody asked for. */
function chosenGroups({ by, filters, keys }: SumsQuestion): Sql | undefined {
  const column = (dimension: UsageDimension) =>
    dimension === 'team' ? "coalesce(t.team, '')" : aliasOf(dimension);
  const conditions: Sql[] = [];
  if (by.includes('team') && filters.team) {
    conditions.push(oneOf(column('team'), filters.team));
  }
  if (keys) {
    conditions.push({
      text: keys
        .map(() => `(${by.map(each => `${column(each)} = ?`).join(' and ')})`)
        .join(' or '),
      bindings: keys.flatMap(key => by.map(each => key[each] ?? '')),
    });
  }
  return conditions.length ? allOf(conditions) : undefined;
}

/** In lower case, to which PostgreSQL turns names. */
function aliasOf(dimension: UsageDimension): string {
  return `by_${seriesColumnOf(dimension) ?? dimension}`;
}

/** By the first columns. */
function groupBy(columns: number): string {
  return columns
    ? `group by ${Array.from({ length: columns }, (_, n) => n + 1).join(', ')}`
    : '';
}

function keyOf(row: SumsRow, by: readonly UsageDimension[]): UsageGroup['key'] {
  return Object.fromEntries(
    by.map(dimension => [dimension, String(row[aliasOf(dimension)])]),
  );
}
