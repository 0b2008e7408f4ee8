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

/**
 * Inserts rows that come as one JSON array: a statement of the same few lines for any
 * number of them is quicker to make, and does not fill the log when it fails.
 */
export const INSERT_POSTGRES = `insert into audit_records (${COLUMNS.join(
  ', ',
)})
  select ${COLUMNS.join(
    ', ',
  )} from json_to_recordset(?) as added (${Object.entries(COLUMN_TYPES)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ')})`;

/** The same for SQLite, where times are milliseconds. */
export const INSERT_SQLITE = `insert into audit_records (${COLUMNS.join(', ')})
  select ${COLUMNS.map(column => `value ->> '${column}'`).join(', ')}
  from json_each(?)`;
