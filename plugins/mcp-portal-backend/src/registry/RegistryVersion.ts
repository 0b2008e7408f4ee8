import type { Knex } from 'knex';

interface Row {
  id: number;
  version: number;
}

/**
 * Counts the changes of the registry, so that every replica sees by one cheap
 * query that there is something new. The row is locked until the transaction
 * ends, so versions become visible in their order. Always the last lock that a
 * transaction takes.
 */
export class RegistryVersion {
  readonly #database: Knex;
  readonly #listeners = new Set<() => unknown>();

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Marks a server as changed, in the transaction that changes it. */
  async bump(entityRef: string, trx: Knex): Promise<void> {
    await trx<Row>('registry_version').where({ id: 1 }).increment('version');
    const { version } = (await trx<Row>('registry_version')
      .where({ id: 1 })
      .first('version'))!;
    await trx('servers').where({ entity_ref: entityRef }).update({ version });
  }

  async current(): Promise<number> {
    const row = await this.#database<Row>('registry_version')
      .where({ id: 1 })
      .first('version');
    return row!.version;
  }

  /** Calls a function after changes in this process; where they are waited for, so is the function. */
  onLocalChange(listener: () => unknown): void {
    this.#listeners.add(listener);
  }

  /** To be called after the transaction of a change has ended. */
  async announce(): Promise<void> {
    await Promise.all([...this.#listeners].map(listener => listener()));
  }
}
