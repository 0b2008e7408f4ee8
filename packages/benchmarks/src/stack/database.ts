import knex, { Knex } from 'knex';
import type { DatabaseAddress } from './config';

const TABLE = 'public.benchmark_organisation';

/** What the benchmark knows of its database, beyond what Backstage does with it. */
export class BenchmarkDatabase {
  readonly #knex: Knex;

  private constructor(client: Knex) {
    this.#knex = client;
  }

  /** Connects, after creating the database if it is missing. */
  static async open(address: DatabaseAddress): Promise<BenchmarkDatabase> {
    const server = connect({ ...address, database: 'postgres' });
    const known = await server('pg_database').where({
      datname: address.database,
    });
    if (known.length === 0) {
      await server.raw('create database ??', [address.database]);
    }
    await server.destroy();

    const client = connect(address);
    await client.raw(
      `create table if not exists ${TABLE} (hash text primary key, seconds double precision not null)`,
    );
    return new BenchmarkDatabase(client);
  }

  /**
   * The organisation that was loaded completely, if any.
   *
   * @returns its hash, and the seconds that loading it took
   */
  async loaded(): Promise<{ hash: string; seconds: number } | undefined> {
    return this.#knex(TABLE).first('hash', 'seconds');
  }

  /** Forgets what was loaded, before something else is. */
  async forget(): Promise<void> {
    await this.#knex(TABLE).delete();
  }

  /** Remembers what is loaded, and brings the planner's statistics up to date. */
  async remember(hash: string, seconds: number): Promise<void> {
    await this.#knex.raw('vacuum analyze');
    await this.#knex(TABLE).insert({ hash, seconds });
  }

  /** How many entities the catalog shows, and how much work it has before it. */
  async progress(): Promise<{ visible: number; pending: number }> {
    const { rows } = await this.#knex.raw(`
      select
        (select count(*) from catalog.final_entities where final_entity is not null) as visible,
        (select count(*) from catalog.refresh_state where next_update_at <= now())
          + (select count(*) from catalog.stitch_queue) as pending`);
    return {
      visible: Number(rows[0].visible),
      pending: Number(rows[0].pending),
    };
  }

  /** The size on disk, in bytes. */
  async size(): Promise<number> {
    const { rows } = await this.#knex.raw(
      'select pg_database_size(current_database()) as bytes',
    );
    return Number(rows[0].bytes);
  }

  async close(): Promise<void> {
    await this.#knex.destroy();
  }
}

function connect(address: DatabaseAddress): Knex {
  return knex({
    client: 'pg',
    connection: { ...address },
    pool: { min: 0, max: 2 },
  });
}
