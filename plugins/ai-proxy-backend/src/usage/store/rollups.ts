import { bucketColumn, Count, hourOf } from './columns';
import type { EventRow, SeriesRow, StorableEvent } from './EventRow';
import { bucketOf } from './histogram';

/** Counts, and buckets of histograms, by column; those that are missing are 0. */
export type Measures = Partial<Record<Count, number>> & Record<string, number>;

interface CallerKey {
  hour: number;
  principal: string;
  team_set: string;
  series: string;
}

interface TeamSetKey {
  team_set: string;
  team: string;
}

/** Until when a row is referred to. */
interface LastHour {
  last_hour: number;
}

interface SessionKey {
  principal: string;
  client: string;
  session: string;
}

/** What some events add to the other tables, each in the order of its primary key. */
export interface Rollups {
  series: Array<SeriesRow & LastHour>;
  teamSets: Array<TeamSetKey & LastHour>;
  byCaller: Array<CallerKey & Measures>;
  byModel: Array<{ hour: number; series: string } & Measures>;
  sessions: Array<
    SessionKey & {
      first_at: number;
      last_at: number;
      requests: number;
      tokens: number;
      cost_nano_usd: number;
    }
  >;
}

/**
 * Adds events up.
 *
 * The order of the rows is the same on each replica: two transactions that change
 * the same rows wait for each other instead of locking each other out.
 */
export function rollUp(events: readonly StorableEvent[]): Rollups {
  const series = new Map<string, SeriesRow & LastHour>();
  const teamSets = new Map<string, TeamSetKey & LastHour>();
  const byCaller = new Map<string, CallerKey & Measures>();
  const byModel = new Map<
    string,
    { hour: number; series: string } & Measures
  >();
  const sessions = new Map<string, Rollups['sessions'][number]>();

  for (const event of events) {
    const { row, teamSet, modelSeries } = event;
    const hour = hourOf(new Date(row.at));
    for (const each of [event.series, modelSeries]) {
      keep(series, each.series, each, hour);
    }
    for (const team of teamSet.teams) {
      const team_set = teamSet.id;
      keep(teamSets, keyOf(team_set, team), { team_set, team }, hour);
    }
    const measures = measuresOf(row, event.series.outcome);
    const { principal, team_set } = row;
    add(byCaller, measures, {
      hour,
      principal,
      team_set,
      series: row.series,
    });
    add(byModel, measures, { hour, series: modelSeries.series });
    addToSession(sessions, row, event.series.client);
  }
  return {
    series: inOrder(series),
    teamSets: inOrder(teamSets),
    byCaller: inOrder(byCaller),
    byModel: inOrder(byModel),
    sessions: inOrder(sessions),
  };
}

/** What one event adds. Durations of refused requests tell nothing of models. */
function measuresOf(row: EventRow, outcome: string): Measures {
  const cost = row.cost_nano_usd;
  const full = row.undiscounted_nano_usd;
  const measures: Measures = {
    requests: 1,
    attempts: row.attempts,
    streamed: row.streaming ? 1 : 0,
    estimated: ['partial', 'estimated'].includes(row.usage_source) ? 1 : 0,
    unpriced: cost === null && tokensOf(row) > 0 ? 1 : 0,
    input_tokens: row.input_tokens,
    cache_read_tokens: row.cache_read_tokens,
    cache_write_5m_tokens: row.cache_write_5m_tokens,
    cache_write_1h_tokens: row.cache_write_1h_tokens,
    output_tokens: row.output_tokens,
    reasoning_tokens: row.reasoning_tokens,
    cost_nano_usd: cost ?? 0,
    // Writing to a cache that is never read costs more than no cache at all.
    saved_nano_usd: cost === null || full === null ? 0 : full - cost,
  };
  if (outcome !== 'refused') {
    measures[bucketColumn('latency', bucketOf(row.latency_ms))] = 1;
    if (row.first_byte_ms !== null) {
      measures[bucketColumn('first_byte', bucketOf(row.first_byte_ms))] = 1;
    }
  }
  return measures;
}

/** Reasoning is part of the output. */
function tokensOf(row: EventRow): number {
  return (
    row.input_tokens +
    row.cache_read_tokens +
    row.cache_write_5m_tokens +
    row.cache_write_1h_tokens +
    row.output_tokens
  );
}

function keep<Key extends object>(
  rows: Map<string, Key & LastHour>,
  name: string,
  key: Key,
  hour: number,
): void {
  const last_hour = Math.max(rows.get(name)?.last_hour ?? hour, hour);
  rows.set(name, { ...key, last_hour });
}

function add<Key extends object>(
  rows: Map<string, Key & Measures>,
  measures: Measures,
  key: Key,
): void {
  const name = keyOf(...Object.values(key));
  const row = rows.get(name);
  if (!row) {
    rows.set(name, { ...key, ...measures });
    return;
  }
  const sums = row as Measures;
  for (const [column, value] of Object.entries(measures)) {
    sums[column] = (sums[column] ?? 0) + value;
  }
}

function addToSession(
  sessions: Map<string, Rollups['sessions'][number]>,
  row: EventRow,
  client: string,
): void {
  if (row.session === null) {
    return;
  }
  const { principal, session, at } = row;
  const name = keyOf(principal, client, session);
  const known = sessions.get(name);
  sessions.set(name, {
    principal,
    client,
    session,
    first_at: Math.min(known?.first_at ?? at, at),
    last_at: Math.max(known?.last_at ?? at, at),
    requests: (known?.requests ?? 0) + 1,
    tokens: (known?.tokens ?? 0) + tokensOf(row),
    cost_nano_usd: (known?.cost_nano_usd ?? 0) + (row.cost_nano_usd ?? 0),
  });
}

/** Unique, as no text has NUL. */
function keyOf(...parts: Array<string | number>): string {
  return parts.join('\0');
}

function inOrder<T>(rows: Map<string, T>): T[] {
  return [...rows.keys()].sort().map(key => rows.get(key)!);
}
