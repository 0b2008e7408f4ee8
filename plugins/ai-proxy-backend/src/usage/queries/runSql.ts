import type { Knex } from 'knex';
import type { Sql } from './conditions';

/** Rows that a statement selects. */
export async function runSql<Row>(database: Knex, sql: Sql): Promise<Row[]> {
  const result = await database.raw(sql.text, sql.bindings as never);
  return database.client.config.client === 'pg' ? result.rows : result;
}
