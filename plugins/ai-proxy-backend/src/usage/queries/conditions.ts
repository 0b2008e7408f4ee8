import type {
  UsageDimension,
  UsageFilters,
} from '@prompt-corner/plugin-ai-proxy-common';
import { CALLER_ONLY, SeriesColumn } from '../store';
import type { HourRange } from './TimeBuckets';

/** SQL with its bindings. */
export interface Sql {
  text: string;
  bindings: unknown[];
}

/** Which requests. */
export interface UsageSelection {
  range: HourRange;
  filters: UsageFilters;
}

const SERIES_DIMENSIONS: Record<
  Exclude<UsageDimension, 'principal' | 'team'>,
  SeriesColumn
> = {
  principalKind: 'principal_kind',
  client: 'client',
  api: 'api',
  provider: 'provider',
  deployment: 'deployment',
  operation: 'operation',
  model: 'model',
  outcome: 'outcome',
  refusal: 'refusal',
  serviceTier: 'service_tier',
  component: 'component',
  system: 'system',
  domain: 'domain',
};

/** The column of `usage_series` that a dimension is; undefined for those of callers. */
export function seriesColumnOf(
  dimension: UsageDimension,
): SeriesColumn | undefined {
  return SERIES_DIMENSIONS[dimension as keyof typeof SERIES_DIMENSIONS];
}

/** Whether `usage_by_model`, which is much smaller, does not tell a dimension apart. */
export function needsCallers(dimension: UsageDimension): boolean {
  const column = seriesColumnOf(dimension);
  return column === undefined || CALLER_ONLY.has(column);
}

/** The dimensions of filters. */
export function filteredBy(filters: UsageFilters): UsageDimension[] {
  return (Object.keys(filters) as UsageDimension[]).filter(
    dimension => filters[dimension] !== undefined,
  );
}

/** SQL of a list of values. */
export function oneOf(expression: string, values: readonly unknown[]): Sql {
  return {
    text: `${expression} in (${values.map(() => '?').join(', ')})`,
    bindings: [...values],
  };
}

/** All of these. */
export function allOf(conditions: readonly Sql[]): Sql {
  return {
    text: conditions.map(({ text }) => `(${text})`).join(' and '),
    bindings: conditions.flatMap(({ bindings }) => bindings),
  };
}

/** Conditions on a roll-up `u` with its series `s`. */
export function selectionConditions(selection: UsageSelection): Sql {
  const { range, filters } = selection;
  const conditions: Sql[] = [
    { text: 'u.hour >= ? and u.hour < ?', bindings: [range.from, range.to] },
  ];
  for (const dimension of filteredBy(filters)) {
    const values = filters[dimension]!;
    const column = seriesColumnOf(dimension);
    if (column) {
      conditions.push(oneOf(`s.${column}`, values));
    } else if (dimension === 'principal') {
      conditions.push(oneOf('u.principal', values));
    } else {
      conditions.push(inTeams(values));
    }
  }
  return allOf(conditions);
}

/** Callers in one of these teams; an empty one stands for callers in no team. */
function inTeams(teams: readonly string[]): Sql {
  const named = teams.filter(team => team !== '');
  const parts: Sql[] = [];
  if (named.length) {
    const { text, bindings } = oneOf('team', named);
    parts.push({
      text: `u.team_set in (select team_set from usage_team_sets where ${text})`,
      bindings,
    });
  }
  if (named.length < teams.length) {
    parts.push({
      text: 'not exists (select 1 from usage_team_sets x where x.team_set = u.team_set)',
      bindings: [],
    });
  }
  return {
    text: parts.map(({ text }) => text).join(' or '),
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}
