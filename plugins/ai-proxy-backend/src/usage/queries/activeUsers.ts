import type {
  UsageDimension,
  UsageGroup,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { selectionConditions, UsageSelection } from './conditions';
import {
  groupBy,
  groupColumns,
  groupConditions,
  joinTeams,
  keyOf,
  rollupColumns,
} from './grouping';
import { runSql } from './runSql';

/** Of a row of `usage_by_caller` with its series `s`: of a user, and not refused. */
export const IS_ACTIVE = "s.principal_kind = 'user' and s.outcome <> 'refused'";

/**
 * Counts active users of each of some groups. Not together with their sums: to tell
 * users apart while adding up fourteen columns, PostgreSQL sorts all of them on disk.
 *
 * @returns a function that tells the number for a key
 */
export async function countActiveUsers(
  database: Knex,
  selection: UsageSelection,
  by: readonly UsageDimension[],
  keys: ReadonlyArray<UsageGroup['key']>,
): Promise<(key: UsageGroup['key']) => number> {
  if (!keys.length) {
    return () => 0;
  }
  const where = selectionConditions(selection);
  const chosen = groupConditions(by, selection.filters, keys);
  const columns = (names: string[]) => names.map(name => `${name}, `).join('');
  const rows = await runSql<Record<string, string | number>>(database, {
    text: `
      with active as (
        select distinct ${columns(rollupColumns(by))} u.principal as caller
        from usage_by_caller u
        join usage_series s on s.series = u.series
        where ${where.text} and ${IS_ACTIVE}
      )
      select ${columns(groupColumns(by))} count(distinct caller) as active_users
      from active ${joinTeams('active', by)}
      ${chosen.text}
      ${groupBy(by.length)}`,
    bindings: [...where.bindings, ...chosen.bindings],
  });
  const nameOf = (key: UsageGroup['key']) =>
    JSON.stringify(by.map(dimension => key[dimension]));
  const counts = new Map(
    rows.map(row => [nameOf(keyOf(row, by)), Number(row.active_users)]),
  );
  return key => counts.get(nameOf(key)) ?? 0;
}
