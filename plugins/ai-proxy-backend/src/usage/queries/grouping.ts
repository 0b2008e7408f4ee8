import type {
  UsageDimension,
  UsageFilters,
  UsageGroup,
} from '@prompt-corner/plugin-ai-proxy-common';
import { allOf, oneOf, seriesColumnOf, Sql } from './conditions';

/** Entity ref of a team; empty for callers without one. */
const TEAM = "coalesce(t.team, '')";

/** A row of groups. */
type GroupRow = Record<string, string | number | null>;

/** Names of columns are in lower case, to which PostgreSQL turns them. */
function aliasOf(dimension: UsageDimension): string {
  return `by_${seriesColumnOf(dimension) ?? dimension}`;
}

/**
 * Columns of a roll-up `u` with its series `s` that tell groups apart. Teams are not
 * told apart yet: what a caller of several teams did is added up once.
 */
export function rollupColumns(by: readonly UsageDimension[]): string[] {
  return by.map(dimension => {
    const column = seriesColumnOf(dimension);
    if (column) {
      return `s.${column} as ${aliasOf(dimension)}`;
    }
    return dimension === 'team'
      ? 'u.team_set as team_set'
      : 'u.principal as by_principal';
  });
}

/** The same of what was selected by {@link rollupColumns}, with teams `t` told apart. */
export function groupColumns(by: readonly UsageDimension[]): string[] {
  return by.map(dimension =>
    dimension === 'team' ? `${TEAM} as by_team` : aliasOf(dimension),
  );
}

/** Joins teams `t`, where they are told apart. */
export function joinTeams(
  table: string,
  by: readonly UsageDimension[],
): string {
  return by.includes('team')
    ? `left join usage_team_sets t on t.team_set = ${table}.team_set`
    : '';
}

/**
 * The condition for groups that are meant: those with these keys, if any are given; and
 * not other teams of callers in a team that was asked for.
 */
export function groupConditions(
  by: readonly UsageDimension[],
  filters: UsageFilters,
  keys?: ReadonlyArray<UsageGroup['key']>,
): Sql {
  const column = (dimension: UsageDimension) =>
    dimension === 'team' ? TEAM : aliasOf(dimension);
  const conditions: Sql[] = [];
  if (by.includes('team') && filters.team) {
    conditions.push(oneOf(column('team'), filters.team));
  }
  if (keys && by.length) {
    conditions.push({
      text: keys
        .map(() => `(${by.map(each => `${column(each)} = ?`).join(' and ')})`)
        .join(' or '),
      bindings: keys.flatMap(key => by.map(each => key[each] ?? '')),
    });
  }
  if (!conditions.length) {
    return { text: '', bindings: [] };
  }
  const { text, bindings } = allOf(conditions);
  return { text: `where ${text}`, bindings };
}

/** By the first columns. */
export function groupBy(columns: number): string {
  return columns
    ? `group by ${Array.from({ length: columns }, (_, n) => n + 1).join(', ')}`
    : '';
}

/** In the order of their names. */
export function orderByKey(by: readonly UsageDimension[]): string[] {
  return by.map(aliasOf);
}

/** The key of a row with {@link groupColumns}. */
export function keyOf(
  row: GroupRow,
  by: readonly UsageDimension[],
): UsageGroup['key'] {
  return Object.fromEntries(
    by.map(dimension => [dimension, String(row[aliasOf(dimension)])]),
  );
}
