import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../callers/Caller';
import { inTime } from '../database/inTime';

/** A choice that was made on another replica is seen after so long. */
const REMEMBERED_MS = 2_000;

const NONE: ReadonlySet<string> = new Set();

/** Servers that callers have switched off for themselves. */
export class ServerChoices {
  readonly #database: Knex;
  readonly #remembered = new LRUCache<string, ReadonlySet<string>>({
    max: 5_000,
    ttl: REMEMBERED_MS,
  });

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Names of servers. Anonymous callers have no choice. */
  async switchedOff(
    caller: Caller,
    portal: string,
  ): Promise<ReadonlySet<string>> {
    if (caller.kind === 'anonymous') {
      return NONE;
    }
    const key = keyOf(caller, portal);
    const remembered = this.#remembered.get(key);
    if (remembered) {
      return remembered;
    }
    const servers: string[] = await inTime(
      this.#database('server_choices')
        .where({ caller_uuid: caller.uuid, portal })
        .pluck('server'),
    );
    const off = new Set(servers);
    this.#remembered.set(key, off);
    return off;
  }

  async switch(
    caller: Caller,
    portal: string,
    server: string,
    on: boolean,
  ): Promise<void> {
    const row = { caller_uuid: caller.uuid, portal, server };
    await inTime<unknown>(
      on
        ? this.#database('server_choices').where(row).delete()
        : this.#database('server_choices')
            .insert(row)
            .onConflict(['caller_uuid', 'portal', 'server'])
            .ignore(),
    );
    this.#remembered.delete(keyOf(caller, portal));
  }
}

function keyOf(caller: Caller, portal: string): string {
  return JSON.stringify([caller.uuid, portal]);
}
