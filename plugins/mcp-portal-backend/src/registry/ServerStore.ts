import { NotFoundError } from '@backstage/errors';
import type {
  ServerHealth,
  ServerStatus,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import type { ServerRecord, SuspensionCause } from './ServerRecord';

/** One change of where a server stands. */
export interface HistoryEntry {
  action: string;
  from: ServerStatus;
  to: ServerStatus;
  /** UUID of a user, `config`, or `catalog`. */
  by: string;
  reason?: string;
  /** ISO 8601. */
  at: string;
}

/** What can be changed of a server; `null` removes a value. */
export type ServerPatch = {
  [Key in keyof Omit<
    ServerRecord,
    'entityRef' | 'health' | 'version' | 'createdAt' | 'updatedAt'
  >]?: ServerRecord[Key] | null;
};

interface Row {
  entity_ref: string;
  name: string;
  name_key: string;
  catalog: string;
  absent_since: Date | null;
  status: ServerStatus;
  status_reason: string | null;
  suspension_cause: SuspensionCause | null;
  proposed_by: string | null;
  approved_by: string | null;
  sync_as: string | null;
  former_owners: string;
  inspected_remotes: string | null;
  approved_remotes: string | null;
  trust_first_snapshot: boolean | number;
  turned_down: boolean | number;
  about: string | null;
  health_state: ServerHealth['state'];
  health_error: string | null;
  consecutive_failures: number;
  last_attempt_at: Date | null;
  last_success_at: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

interface HistoryRow {
  seq: number;
  entity_ref: string;
  action: string;
  from_status: ServerStatus;
  to_status: ServerStatus;
  by: string;
  reason: string | null;
  at: Date;
}

const MAX_HISTORY = 200;

/** Keeps servers and their history in the database. */
export class ServerStore {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  async list(): Promise<ServerRecord[]> {
    const rows = await this.#database<Row>('servers').orderBy('name_key');
    return rows.map(toRecord);
  }

  /** Servers that changed after a version of the registry. */
  async changedSince(version: number): Promise<ServerRecord[]> {
    const rows = await this.#database<Row>('servers').where(
      'version',
      '>',
      version,
    );
    return rows.map(toRecord);
  }

  /** @throws NotFoundError */
  async get(entityRef: string): Promise<ServerRecord> {
    return this.#one({ entity_ref: entityRef });
  }

  /** By name, whose case does not matter. @throws NotFoundError */
  async getByName(name: string): Promise<ServerRecord> {
    return this.#one({ name_key: name.toLowerCase() });
  }

  /** Reads a server that stays as it is until the transaction ends. */
  async find(entityRef: string, trx: Knex): Promise<ServerRecord | undefined> {
    const row = await trx<Row>('servers')
      .where({ entity_ref: entityRef })
      .forUpdate()
      .first();
    return row && toRecord(row);
  }

  /** As {@link ServerStore.find}. @throws NotFoundError */
  async lock(entityRef: string, trx: Knex): Promise<ServerRecord> {
    const server = await this.find(entityRef, trx);
    if (!server) {
      throw new NotFoundError(`There is no server ${entityRef}`);
    }
    return server;
  }

  /** Adds a draft; nothing happens when the entity or the name is there already. */
  async insert(
    server: Pick<ServerRecord, 'entityRef' | 'name' | 'catalog'>,
    trx: Knex,
  ): Promise<void> {
    const now = new Date();
    await trx<Row>('servers')
      .insert({
        ...toColumns({
          name: server.name,
          catalog: server.catalog,
          status: 'draft',
          formerOwners: [],
          trustFirstSnapshot: false,
          turnedDown: false,
          consecutiveFailures: 0,
        }),
        entity_ref: server.entityRef,
        health_state: 'unknown',
        version: 0,
        created_at: now,
        updated_at: now,
      })
      .onConflict()
      .ignore();
  }

  async update(
    entityRef: string,
    patch: ServerPatch,
    trx: Knex,
  ): Promise<void> {
    await trx<Row>('servers')
      .where({ entity_ref: entityRef })
      .update({ ...toColumns(patch), updated_at: new Date() });
  }

  async delete(entityRef: string, trx: Knex): Promise<void> {
    await trx<Row>('servers').where({ entity_ref: entityRef }).delete();
  }

  async appendHistory(
    entityRef: string,
    entry: Omit<HistoryEntry, 'at'>,
    trx: Knex,
  ): Promise<void> {
    await trx<HistoryRow>('server_history').insert({
      entity_ref: entityRef,
      action: entry.action,
      from_status: entry.from,
      to_status: entry.to,
      by: entry.by,
      reason: entry.reason ?? null,
      at: new Date(),
    });
  }

  /** The newest 200 changes, newest first. */
  async history(entityRef: string): Promise<HistoryEntry[]> {
    const rows = await this.#database<HistoryRow>('server_history')
      .where({ entity_ref: entityRef })
      .orderBy('seq', 'desc')
      .limit(MAX_HISTORY);
    return rows.map(row => ({
      action: row.action,
      from: row.from_status,
      to: row.to_status,
      by: row.by,
      reason: row.reason ?? undefined,
      at: new Date(row.at).toISOString(),
    }));
  }

  async #one(where: Partial<Row>): Promise<ServerRecord> {
    const row = await this.#database<Row>('servers').where(where).first();
    if (!row) {
      throw new NotFoundError(
        `There is no server ${where.name_key ?? where.entity_ref}`,
      );
    }
    return toRecord(row);
  }
}

/** Columns of the fields of a record that are stored as they are. */
const COLUMNS = {
  status: 'status',
  statusReason: 'status_reason',
  suspensionCause: 'suspension_cause',
  proposedBy: 'proposed_by',
  approvedBy: 'approved_by',
  syncAs: 'sync_as',
  trustFirstSnapshot: 'trust_first_snapshot',
  turnedDown: 'turned_down',
  consecutiveFailures: 'consecutive_failures',
} as const;

/** Columns of those that are stored as JSON. */
const JSON_COLUMNS = {
  catalog: 'catalog',
  formerOwners: 'former_owners',
  inspectedRemotes: 'inspected_remotes',
  approvedRemotes: 'approved_remotes',
  about: 'about',
} as const;

function toColumns(patch: ServerPatch): Row {
  const columns: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) {
      continue;
    }
    if (key === 'name') {
      columns.name = value;
      columns.name_key = String(value).toLowerCase();
    } else if (key === 'absentSince') {
      columns.absent_since = value === null ? null : new Date(String(value));
    } else if (key in JSON_COLUMNS) {
      columns[JSON_COLUMNS[key as keyof typeof JSON_COLUMNS]] =
        value === null ? null : JSON.stringify(value);
    } else {
      columns[COLUMNS[key as keyof typeof COLUMNS]] = value;
    }
  }
  return columns as unknown as Row;
}

function toRecord(row: Row): ServerRecord {
  const iso = (date: Date | null) =>
    date ? new Date(date).toISOString() : undefined;
  const json = (text: string | null) => (text ? JSON.parse(text) : undefined);
  return {
    entityRef: row.entity_ref,
    name: row.name,
    catalog: JSON.parse(row.catalog),
    absentSince: iso(row.absent_since),
    status: row.status,
    statusReason: row.status_reason ?? undefined,
    suspensionCause: row.suspension_cause ?? undefined,
    proposedBy: row.proposed_by ?? undefined,
    approvedBy: row.approved_by ?? undefined,
    syncAs: row.sync_as ?? undefined,
    formerOwners: JSON.parse(row.former_owners),
    inspectedRemotes: json(row.inspected_remotes),
    approvedRemotes: json(row.approved_remotes),
    trustFirstSnapshot: Boolean(row.trust_first_snapshot),
    turnedDown: Boolean(row.turned_down),
    about: json(row.about),
    health: {
      state: row.health_state,
      error: row.health_error ?? undefined,
      lastAttemptAt: iso(row.last_attempt_at),
      lastSuccessAt: iso(row.last_success_at),
    },
    consecutiveFailures: row.consecutive_failures,
    version: row.version,
    createdAt: iso(row.created_at)!,
    updatedAt: iso(row.updated_at)!,
  };
}
