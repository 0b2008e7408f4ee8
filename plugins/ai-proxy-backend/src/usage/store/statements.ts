import { BUCKET_COLUMNS, COUNTS, SERIES_LENGTHS } from './columns';

/**
 * All rows of a statement come as one JSON array: its text is the same for any number
 * of them, and does not fill the log when it fails.
 */
export interface WriteStatements {
  insertEvents: string;
  insertSeries: string;
  insertTeamSets: string;
  addByCaller: string;
  addByModel: string;
  addSessions: string;
}

type ColumnType = 'integer' | 'bigint' | 'text' | 'boolean' | 'time';

type Columns = Record<string, ColumnType>;

const EVENTS: Columns = {
  id: 'text',
  at: 'time',
  principal: 'text',
  team_set: 'bigint',
  series: 'bigint',
  connection_id: 'text',
  session: 'text',
  requested_model: 'text',
  streaming: 'boolean',
  status: 'integer',
  attempts: 'integer',
  input_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cache_write_5m_tokens: 'bigint',
  cache_write_1h_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  usage_source: 'text',
  cost_nano_usd: 'bigint',
  undiscounted_nano_usd: 'bigint',
  latency_ms: 'bigint',
  first_byte_ms: 'bigint',
  detectors: 'text',
};

const SERIES: Columns = {
  series: 'bigint',
  ...Object.fromEntries(
    Object.keys(SERIES_LENGTHS).map(column => [column, 'text' as const]),
  ),
  last_hour: 'integer',
};

const TEAM_SETS: Columns = {
  team_set: 'bigint',
  team: 'text',
  last_hour: 'integer',
};

const MEASURES: Columns = Object.fromEntries([
  ...COUNTS.map(column => [column, 'bigint' as const]),
  ...BUCKET_COLUMNS.map(column => [column, 'integer' as const]),
]);

const CALLER_KEY: Columns = {
  hour: 'integer',
  principal: 'text',
  team_set: 'bigint',
  series: 'bigint',
};

const MODEL_KEY: Columns = { hour: 'integer', series: 'bigint' };

const SESSION_KEY: Columns = {
  principal: 'text',
  client: 'text',
  session: 'text',
};

const SESSIONS: Columns = {
  ...SESSION_KEY,
  first_at: 'time',
  last_at: 'time',
  requests: 'bigint',
  tokens: 'bigint',
  cost_nano_usd: 'bigint',
};

/** Selects the rows of a JSON array, which is the only binding. */
type Source = (columns: Columns) => string;

const postgresSource: Source = columns => {
  const selected = Object.entries(columns).map(([column, type]) =>
    type === 'time' ? `to_timestamp(${column} / 1000.0)` : column,
  );
  const types = Object.entries(columns).map(
    ([column, type]) => `${column} ${type === 'time' ? 'float8' : type}`,
  );
  return `select ${selected.join(', ')}
    from json_to_recordset(?::json) as added (${types.join(', ')})`;
};

/** SQLite has times as milliseconds, and booleans as numbers. */
const sqliteSource: Source = columns => {
  const selected = Object.entries(columns).map(([column, type]) =>
    // Digests come as texts, as they have more digits than numbers of JSON.
    type === 'bigint'
      ? `cast(value ->> '${column}' as integer) as ${column}`
      : `value ->> '${column}' as ${column}`,
  );
  // Without a condition, SQLite takes "on" for a join.
  return `select ${selected.join(', ')} from json_each(?) where true`;
};

/** Statements for PostgreSQL or SQLite. */
export function writeStatements(isPostgres: boolean): WriteStatements {
  const source = isPostgres ? postgresSource : sqliteSource;
  const [least, greatest] = isPostgres ? ['least', 'greatest'] : ['min', 'max'];

  const insert = (table: string, columns: Columns) =>
    `insert into ${table} as stored (${Object.keys(columns).join(', ')})
    ${source(columns)}`;

  const addMeasures = (table: string, key: Columns) => {
    const sums = [
      ...COUNTS.map(
        column => `${column} = stored.${column} + excluded.${column}`,
      ),
      ...BUCKET_COLUMNS.map(
        // None plus none stays none, which takes no space.
        column => `${column} = case when excluded.${column} is null
          then stored.${column}
          else coalesce(stored.${column}, 0) + excluded.${column} end`,
      ),
    ];
    return `${insert(table, { ...key, ...MEASURES })}
    on conflict (${Object.keys(key).join(', ')}) do update set ${sums.join(
      ',',
    )}`;
  };

  // Also locks the row, so that it cannot expire before the sums that refer to it are there.
  const keepUntilLater = `do update set last_hour = excluded.last_hour
    where stored.last_hour < excluded.last_hour`;

  return {
    insertEvents: `${insert('usage_events', EVENTS)}
      on conflict (id) do nothing returning id`,
    insertSeries: `${insert('usage_series', SERIES)}
      on conflict (series) ${keepUntilLater}`,
    insertTeamSets: `${insert('usage_team_sets', TEAM_SETS)}
      on conflict (team_set, team) ${keepUntilLater}`,
    addByCaller: addMeasures('usage_by_caller', CALLER_KEY),
    addByModel: addMeasures('usage_by_model', MODEL_KEY),
    addSessions: `${insert('usage_sessions', SESSIONS)}
      on conflict (${Object.keys(SESSION_KEY).join(', ')}) do update set
        first_at = ${least}(stored.first_at, excluded.first_at),
        last_at = ${greatest}(stored.last_at, excluded.last_at),
        requests = stored.requests + excluded.requests,
        tokens = stored.tokens + excluded.tokens,
        cost_nano_usd = stored.cost_nano_usd + excluded.cost_nano_usd`,
  };
}
