import type {
  DefinitionKind,
  DefinitionStatus,
  ServerDefinition,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import type { DefinitionChoice } from './decisions';
import {
  DefinitionRow,
  hashOfKey,
  identityOf,
  statesOf,
  toServerDefinition,
} from './DefinitionRow';
import {
  RecordingRules,
  ScreenedDefinition,
  RecordedSnapshot,
  SnapshotRecorder,
} from './SnapshotRecorder';

/** A definition that is served. */
export interface ServedDefinition {
  kind: DefinitionKind;
  key: string;
  pin: string;
  /** Exactly as approved. Frozen. */
  definition: Record<string, unknown>;
  toolClass?: ToolClass;
}

/** How many definitions of a server stand where. */
export type DefinitionCounts = Record<DefinitionStatus, number>;

/** Where a page of definitions ends. */
export interface DefinitionPosition {
  kind: string;
  key: string;
}

const IDS_AT_ONCE = 500;

/** What servers offer, and which form of it was approved. */
export class DefinitionStore {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** Definitions of a server by kind and key, one page. */
  async list(
    entityRef: string,
    page: {
      limit: number;
      statuses?: DefinitionStatus[];
      after?: DefinitionPosition;
    },
  ): Promise<ServerDefinition[]> {
    const { limit, statuses, after } = page;
    const query = this.#database<DefinitionRow>('server_definitions')
      .where({ entity_ref: entityRef })
      .orderBy(['kind', 'key'])
      .limit(limit);
    if (statuses) {
      query.whereIn('status', statuses);
    }
    if (after) {
      query.andWhere(later =>
        later
          .where('kind', '>', after.kind as DefinitionKind)
          .orWhere(same =>
            same
              .where('kind', after.kind as DefinitionKind)
              .andWhere('key', '>', after.key),
          ),
      );
    }
    return (await query).map(toServerDefinition);
  }

  /** Pins of what is stored of a server, by kind and key: what need not be screened again. */
  async pins(
    entityRef: string,
  ): Promise<(choice: DefinitionChoice) => boolean> {
    const rows = await statesOf(entityRef, this.#database);
    const known = new Map(
      rows.map(row => [identityOf(row.kind, row.key_hash), row.pin]),
    );
    return ({ kind, key, pin }) =>
      known.get(identityOf(kind, hashOfKey(key))) === pin;
  }

  /** Numbers of definitions by server. */
  async counts(entityRefs: string[]): Promise<Map<string, DefinitionCounts>> {
    const counts = new Map<string, DefinitionCounts>(
      entityRefs.map(ref => [
        ref,
        { approved: 0, quarantined: 0, rejected: 0, missing: 0 },
      ]),
    );
    for (let start = 0; start < entityRefs.length; start += IDS_AT_ONCE) {
      const rows: Array<{
        entity_ref: string;
        status: DefinitionStatus;
        total: number | string;
      }> = await this.#database('server_definitions')
        .whereIn('entity_ref', entityRefs.slice(start, start + IDS_AT_ONCE))
        .groupBy('entity_ref', 'status')
        .select('entity_ref', 'status')
        .count({ total: '*' });
      for (const { entity_ref, status, total } of rows) {
        counts.get(entity_ref)![status] = Number(total);
      }
    }
    return counts;
  }

  /** Names of the tools that servers offer now, by server, whatever their standing. */
  async toolNames(
    exceptOf: string,
  ): Promise<Array<{ entityRef: string; name: string }>> {
    const rows = await this.#database<DefinitionRow>('server_definitions')
      .where({ kind: 'tool' })
      .whereNot({ entity_ref: exceptOf })
      .select('entity_ref', 'key');
    return rows.map(row => ({ entityRef: row.entity_ref, name: row.key }));
  }

  /** What may be served of a server. */
  async served(entityRef: string): Promise<ServedDefinition[]> {
    const rows = await this.#database<DefinitionRow>('server_definitions')
      .where({ entity_ref: entityRef, status: 'approved' })
      .orderBy(['kind', 'key'])
      .select(
        'kind',
        'key',
        'approved_pin',
        'approved_definition',
        'tool_class',
      );
    return rows.map(row => ({
      kind: row.kind,
      key: row.key,
      pin: row.approved_pin!,
      definition: JSON.parse(row.approved_definition!),
      ...(row.tool_class && { toolClass: row.tool_class }),
    }));
  }

  /** Stores a snapshot; see {@link SnapshotRecorder}. */
  async record(
    entityRef: string,
    snapshot: ScreenedDefinition[],
    rules: RecordingRules | undefined,
    trx: Knex,
  ): Promise<RecordedSnapshot> {
    return new SnapshotRecorder({ entityRef, rules, trx }).record(snapshot);
  }

  /** Forgets what a server offered and what of it was approved; what was refused stays refused. */
  async forget(entityRef: string, trx: Knex): Promise<void> {
    await trx('server_definitions').where({ entity_ref: entityRef }).delete();
  }
}
