import type { Knex } from 'knex';

/**
 * The time of the database, some milliseconds from now: clocks of replicas
 * differ. SQLite has the clock of its process.
 */
export function databaseTime(database: Knex, offsetMs = 0): Knex.Raw | Date {
  return database.client.config.client === 'pg'
    ? database.raw("clock_timestamp() + ? * interval '1 millisecond'", [
        offsetMs,
      ])
    : new Date(Date.now() + offsetMs);
}
