import type {
  UsageDimension,
  UsageGroup,
  UsagePoint,
  UsageSums,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { countActiveUsers } from './activeUsers';
import {
  filteredBy,
  needsCallers,
  selectionConditions,
  UsageSelection,
} from './conditions';
import {
  groupBy,
  groupColumns,
  groupConditions,
  joinTeams,
  keyOf,
  orderByKey,
  rollupColumns,
} from './grouping';
import { runSql } from './runSql';
import { SumsRow, sumsOfRollup, sumsOfSums, toSums } from './sums';
import type { TimeBuckets } from './TimeBuckets';

/** More points than anybody looks at. */
export const MAX_POINTS = 10_000;

/** What is asked of the roll-ups. */
interface SumsQuestion extends UsageSelection {
  by: readonly UsageDimension[];
  buckets?: TimeBuckets;
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
    const { items } = await this.groups(selection, [], 1);
    const { key: _, ...sums } = items[0];
    return sums;
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
      withDurations: isSmall(selection, by),
      limit: limit + 1,
    });
    const items = rows
      .slice(0, limit)
      .map(row => ({ key: keyOf(row, by), ...toSums(row) }));
    const isCut = rows.length > limit;
    if (!isOfCallers(selection, by)) {
      return { items, isCut };
    }
    const activeUsersOf = await countActiveUsers(
      this.#database,
      selection,
      by,
      items.map(({ key }) => key),
    );
    return {
      items: items.map(item => ({
        ...item,
        activeUsers: activeUsersOf(item.key),
      })),
      isCut,
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
    const { by, buckets, withDurations, filters, keys } = question;
    const where = selectionConditions(question);
    const chosen = groupConditions(by, filters, keys);
    const inner = rollupColumns(by);
    const outer = groupColumns(by);
    if (buckets) {
      inner.push(`${buckets.expression('u.hour')} as bucket`);
      outer.push('bucket');
    }
    const columns = (names: string[]) =>
      names.map(name => `${name}, `).join('');
    const order = [
      ...(buckets ? ['bucket'] : []),
      'cost_nano_usd desc',
      'requests desc',
      ...orderByKey(by),
    ];
    return runSql(this.#database, {
      text: `
        with summed as (
          select ${columns(inner)} ${sumsOfRollup(withDurations)}
          from ${
            isOfCallers(question, by) ? 'usage_by_caller' : 'usage_by_model'
          } u
          join usage_series s on s.series = u.series
          where ${where.text}
          ${groupBy(inner.length)}
        )
        select ${columns(outer)} ${sumsOfSums(withDurations)}
        from summed ${joinTeams('summed', by)}
        ${chosen.text}
        ${groupBy(outer.length)}
        order by ${order.join(', ')}
        limit ${question.limit}`,
      bindings: [...where.bindings, ...chosen.bindings],
    });
  }
}

/** Whether only the roll-up by caller knows. */
function isOfCallers(
  { filters }: UsageSelection,
  by: readonly UsageDimension[],
): boolean {
  return [...by, ...filteredBy(filters)].some(needsCallers);
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
    !isOfCallers(selection, by)
  );
}
