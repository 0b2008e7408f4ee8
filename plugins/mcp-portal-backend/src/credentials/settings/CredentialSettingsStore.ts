import { randomUUID } from 'node:crypto';
import type { SealedColumn, SecretBox } from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import {
  parseSettings,
  type ServerCredentialSettings,
} from './ServerCredentialSettings';

/** Settings of a server that an administrator has set. */
export interface StoredSettings {
  /** Full entity ref. */
  server: string;
  /** Absent when they cannot be opened, because their key is gone. */
  settings?: ServerCredentialSettings;
  /** Another one with each change. */
  revision: string;
  updatedAt: Date;
  /** UUID of the administrator. */
  updatedBy: string;
}

interface Row {
  server: string;
  settings: string;
  revision: string;
  updated_at: Date;
  updated_by: string;
}

/** Where they are, to encrypt them anew. */
export const SEALED_SETTINGS: SealedColumn<Row> = {
  table: 'server_credentials',
  column: 'settings',
  primaryKey: ['server'],
  contextOf: ({ server }) => contextOf(server),
};

/** Keeps settings in the database, encrypted as a whole. */
export class CredentialSettingsStore {
  readonly #database: Knex;
  readonly #box: SecretBox;

  constructor(options: { database: Knex; box: SecretBox }) {
    this.#database = options.database;
    this.#box = options.box;
  }

  async list(): Promise<StoredSettings[]> {
    const rows = await this.#database<Row>('server_credentials');
    return rows.map(row => ({
      server: row.server,
      settings: this.#open(row),
      revision: row.revision,
      updatedAt: new Date(row.updated_at),
      updatedBy: row.updated_by,
    }));
  }

  /** One that does not open must not keep the others from being read. */
  #open(row: Row): ServerCredentialSettings | undefined {
    try {
      return parseSettings(
        JSON.parse(this.#box.open(row.settings, contextOf(row.server))),
        row.server,
      );
    } catch {
      return undefined;
    }
  }

  async set(
    server: string,
    settings: ServerCredentialSettings,
    updatedBy: string,
  ): Promise<void> {
    await this.#database<Row>('server_credentials')
      .insert({
        server,
        settings: this.#box.seal(JSON.stringify(settings), contextOf(server)),
        revision: randomUUID(),
        updated_at: new Date(),
        updated_by: updatedBy,
      })
      .onConflict('server')
      .merge();
  }

  async delete(server: string): Promise<void> {
    await this.#database<Row>('server_credentials').where({ server }).delete();
  }
}

function contextOf(server: string): string {
  return JSON.stringify(['server credentials', server]);
}
