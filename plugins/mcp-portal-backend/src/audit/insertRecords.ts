import type { toRecordRow } from './rows';

const COLUMN_TYPES = {
  day: 'text',
  writer: 'text',
  seq: 'integer',
  previous_hash: 'text',
  hash: 'text',
  record: 'text',
  at: 'timestamptz',
  action: 'text',
  outcome: 'text',
  portal: 'text',
  server: 'text',
  target: 'text',
  caller: 'text',
  client: 'text',
  execution_id: 'text',
} satisfies Record<keyof ReturnType<typeof toRecordRow>, string>;

const COLUMNS = Object.keys(COLUMN_TYPES);

function insertPostgres(rows: string): string {
  const columns = COLUMNS.join(', ');
  const types = Object.entries(COLUMN_TYPES)
    .map(([column, type]) => `${column} ${type}`)
    .join(', ');
  return `insert into audit_records (${columns})
  select ${columns} from json_to_recordset(${rows}) as added (${types})`;
}

/**
 * Inserts rows that come as one JSON array: a statement of the same few lines for any
 * number of them is quicker to make, and does not fill the log when it fails.
 */
export const INSERT_POSTGRES = insertPostgres('?');

/**
 * Says that a chain goes on, and inserts its records, if it stands where it did. Has
 * one round trip instead of four, each of which every caller would wait for.
 */
export const APPEND_POSTGRES = `with moved as (
    update audit_chains set seq = $1, hash = $2, mac = $3
    where day = $4 and writer = $5 and seq = $6 and hash = $7
    returning 1
  )
  ${insertPostgres('$8')}
  where exists (select 1 from moved)`;

/** The same for SQLite, where times are milliseconds. */
export const INSERT_SQLITE = `insert into audit_records (${COLUMNS.join(', ')})
  select ${COLUMNS.map(column => `value ->> '${column}'`).join(', ')}
  from json_each(?)`;
