import { randomUUID } from 'node:crypto';
import type { ResolvedPrincipal } from '@prompt-corner/plugin-agent-auth-common';
import type { Knex } from 'knex';
import type { PrincipalName, PrincipalStore } from './PrincipalStore';

const TABLE = 'principals';

interface Row {
  uuid: string;
  kind: 'user' | 'service';
  entity_ref: string;
}

/** A {@link PrincipalStore} in the plugin's database. */
export class DatabasePrincipalStore implements PrincipalStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async getOrCreate(name: PrincipalName): Promise<ResolvedPrincipal> {
    const known = await this.findByRef(name.entityRef);
    if (known) {
      return known;
    }
    await this.#knex(TABLE)
      // Not derived from the name: nobody may compute it from an address.
      .insert({
        uuid: randomUUID(),
        kind: name.kind,
        entity_ref: name.entityRef,
      })
      .onConflict('entity_ref')
      .ignore();
    // Whoever inserted first, this statement sees that row and no other.
    const [row] = await this.#select().where({ entity_ref: name.entityRef });
    return toPrincipal(row);
  }

  async find(uuids: string[]): Promise<ResolvedPrincipal[]> {
    const rows = await this.#select().whereIn('uuid', uuids);
    return rows.map(toPrincipal);
  }

  async findByRef(entityRef: string): Promise<ResolvedPrincipal | undefined> {
    const [row] = await this.#select().where({ entity_ref: entityRef });
    return row && toPrincipal(row);
  }

  #select() {
    return this.#knex<Row>(TABLE).select('uuid', 'kind', 'entity_ref');
  }
}

function toPrincipal(row: Row): ResolvedPrincipal {
  return { uuid: row.uuid, kind: row.kind, entityRef: row.entity_ref };
}
