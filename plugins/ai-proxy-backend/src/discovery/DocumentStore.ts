import { createHash } from 'node:crypto';
import type { AgentConfig } from '@prompt-corner/agent-config';
import type { Knex } from 'knex';

/** A configuration that was good. */
export interface StoredConfig {
  /** Of the source. */
  version: string;
  config: AgentConfig;
  /** ISO 8601. */
  compiledAt: string;
}

/** Keeps the last good configuration of each source, over restarts. */
export interface DocumentStore {
  /** @returns undefined when there is none that this release can read */
  load(source: string): Promise<StoredConfig | undefined>;
  save(source: string, stored: StoredConfig): Promise<void>;
}

interface Row {
  source: string;
  version: string;
  document: string;
  compiled_at: Date | string | number;
}

const TABLE = 'discovery_documents';
const LONGEST_VERSION = 200;

/** In the table `discovery_documents`. */
export class DatabaseDocumentStore implements DocumentStore {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  /** {@inheritdoc DocumentStore.load} */
  async load(source: string): Promise<StoredConfig | undefined> {
    const row = await this.#database<Row>(TABLE)
      .where({ source: keyOf(source) })
      .first();
    const config = row && JSON.parse(row.document);
    if (config?.formatVersion !== 1) {
      return undefined;
    }
    return {
      version: row!.version,
      config,
      compiledAt: new Date(row!.compiled_at).toISOString(),
    };
  }

  /** {@inheritdoc DocumentStore.save} */
  async save(
    source: string,
    { version, config, compiledAt }: StoredConfig,
  ): Promise<void> {
    await this.#database<Row>(TABLE)
      .insert({
        source: keyOf(source),
        version: version.slice(0, LONGEST_VERSION),
        document: JSON.stringify(config),
        compiled_at: new Date(compiledAt),
      })
      .onConflict('source')
      .merge();
  }
}

function keyOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
