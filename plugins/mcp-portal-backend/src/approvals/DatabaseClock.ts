import type { Knex } from 'knex';

/**
 * The one clock by which approvals begin and end. Replicas' own clocks differ;
 * SQLite has the clock of its only process.
 */
export class DatabaseClock {
  readonly #database: Knex;
  readonly #isPostgres: boolean;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
  }

  /** To compare with and to store, in whole milliseconds as JavaScript has them. */
  now(): Knex.Raw | Date {
    return this.in(0);
  }

  /** A time from now; in the past when negative. */
  in(milliseconds: number): Knex.Raw | Date {
    return this.#isPostgres
      ? this.#database.raw(
          "date_trunc('milliseconds', clock_timestamp()) + ? * interval '1 millisecond'",
          [milliseconds],
        )
      : new Date(Date.now() + milliseconds);
  }
}
