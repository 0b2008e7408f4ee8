import { ConflictError } from '@backstage/errors';
import type {
  DefinitionFinding,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import {
  ConfiguredApproval,
  configuredClass,
  isApprovedByConfiguration,
} from './ConfiguredApproval';
import {
  DefinitionRow,
  DefinitionState,
  hashOfKey,
  identityOf,
  isCritical,
  RejectionRow,
  statesOf,
} from './DefinitionRow';
import type { DefinitionApproval } from './decisions';
import type { SnapshotDefinition } from './ServerSnapshot';
import { standingOf } from './standing';

/** A definition of a snapshot, with what the screen found in it. */
export interface ScreenedDefinition extends SnapshotDefinition {
  /** Absent when its form is the one that is stored already. */
  findings?: DefinitionFinding[];
}

/** How a snapshot differs from the one before, in numbers of definitions. */
export interface SnapshotChanges {
  /** New or changed: absent from every view until someone decides. */
  quarantined: number;
  /** Approved by this snapshot: back in the approved form, or by configuration. */
  approved: number;
  /** Approved before, and not offered any more. */
  missing: number;
  /** Everything that is stored differently now. */
  total: number;
}

/** What came of a snapshot. */
export interface RecordedSnapshot {
  changes: SnapshotChanges;
  /** Definitions that the configuration approved, or gave another class, just now. */
  configured: DefinitionApproval[];
}

/** What the configuration says of the server whose snapshot is recorded. */
export interface RecordingRules {
  approval: ConfiguredApproval;
  /** Whether this is the first snapshot, which the configuration trusts. */
  trusted: boolean;
}

const ROWS_AT_ONCE = 100;
const IDS_AT_ONCE = 500;

/** Compares a snapshot by pins with what is stored, and stores it. */
export class SnapshotRecorder {
  readonly #entityRef: string;
  readonly #rules?: RecordingRules;
  readonly #trx: Knex;
  readonly #now = new Date();
  readonly #added: DefinitionRow[] = [];
  readonly #updated: Array<Partial<DefinitionRow> & { id: string }> = [];
  readonly #configured: DefinitionApproval[] = [];
  readonly #changes = { quarantined: 0, approved: 0, missing: 0, total: 0 };

  constructor(options: {
    entityRef: string;
    rules?: RecordingRules;
    /** A transaction in which nobody else changes definitions of this server. */
    trx: Knex;
  }) {
    this.#entityRef = options.entityRef;
    this.#rules = options.rules;
    this.#trx = options.trx;
  }

  /** @throws ConflictError when what is stored changed since the snapshot was screened */
  async record(snapshot: ScreenedDefinition[]): Promise<RecordedSnapshot> {
    const rows = await statesOf(this.#entityRef, this.#trx);
    const rejected = await this.#rejectedPins();
    const before = new Map(
      rows.map(row => [identityOf(row.kind, row.key_hash), row]),
    );
    for (const definition of snapshot) {
      const identity = identityOf(definition.kind, hashOfKey(definition.key));
      const row = before.get(identity);
      before.delete(identity);
      this.#compare(definition, row, rejected.get(identity) ?? new Set());
    }
    await this.#recordVanished([...before.values()]);
    await this.#write();
    return { changes: { ...this.#changes }, configured: this.#configured };
  }

  #compare(
    definition: ScreenedDefinition,
    row: DefinitionState | undefined,
    rejected: ReadonlySet<string>,
  ): void {
    const { kind, key, pin, findings } = definition;
    const sameForm = row?.pin === pin;
    if (!sameForm && !findings) {
      throw new ConflictError(
        `The ${kind} ${key} changed while a snapshot was looked at; synchronise again`,
      );
    }
    const critical = findings ? isCritical(findings) : Boolean(row!.critical);
    const standing = standingOf({
      current: pin,
      approved: row?.approved_pin ?? undefined,
      rejected,
    })!;
    const byConfiguration =
      standing === 'quarantined' &&
      this.#rules !== undefined &&
      isApprovedByConfiguration(
        this.#rules.approval,
        { kind, key, pin, critical },
        this.#rules.trusted,
      );
    const status = byConfiguration ? 'approved' : standing;
    const change: Partial<DefinitionRow> = {
      ...(row?.status !== status && { status }),
      ...(!sameForm && {
        pin,
        definition: JSON.stringify(definition.definition),
        seen_at: this.#now,
      }),
      ...(findings && { findings: JSON.stringify(findings), critical }),
      ...(byConfiguration && {
        approved_pin: pin,
        approved_definition: JSON.stringify(definition.definition),
        approved_by: 'config',
        approved_at: this.#now,
      }),
      ...this.#classChange(definition, row, byConfiguration),
    };
    if (byConfiguration || change.tool_class !== undefined) {
      const toolClass = change.tool_class ?? row?.tool_class ?? undefined;
      this.#configured.push({ kind, key, pin, toolClass });
    }
    if (!Object.keys(change).length) {
      return;
    }
    this.#count(status, row, sameForm);
    if (row) {
      this.#updated.push({ ...change, id: row.id });
    } else {
      this.#added.push(this.#toRow(definition, change));
    }
  }

  /** What the configuration approved has the class that it says today. */
  #classChange(
    definition: ScreenedDefinition,
    row: DefinitionState | undefined,
    byConfiguration: boolean,
  ): { tool_class?: ToolClass | null } {
    const isConfigured = byConfiguration || row?.approved_by === 'config';
    if (!this.#rules || !isConfigured) {
      return {};
    }
    const toolClass = configuredClass(this.#rules.approval, definition) ?? null;
    return toolClass === (row?.tool_class ?? null)
      ? {}
      : { tool_class: toolClass };
  }

  #count(
    status: DefinitionState['status'],
    row: DefinitionState | undefined,
    sameForm: boolean,
  ): void {
    this.#changes.total++;
    if (row?.status === status && sameForm) {
      return;
    }
    if (status === 'quarantined' || status === 'approved') {
      this.#changes[status]++;
    }
  }

  #toRow(
    { kind, key }: ScreenedDefinition,
    change: Partial<DefinitionRow>,
  ): DefinitionRow {
    return {
      id: randomUUID(),
      entity_ref: this.#entityRef,
      kind,
      key,
      key_hash: hashOfKey(key),
      approved_pin: null,
      approved_definition: null,
      approved_by: null,
      approved_at: null,
      tool_class: null,
      ...(change as Pick<
        DefinitionRow,
        'status' | 'pin' | 'definition' | 'findings' | 'critical' | 'seen_at'
      >),
    };
  }

  /** What was approved is kept as it was approved; the rest is forgotten. */
  async #recordVanished(rows: DefinitionState[]): Promise<void> {
    const missing = rows.filter(
      row => row.approved_pin !== null && row.status !== 'missing',
    );
    const forgotten = rows.filter(row => row.approved_pin === null);
    for (const ids of inChunks(
      missing.map(({ id }) => id),
      IDS_AT_ONCE,
    )) {
      await this.#trx<DefinitionRow>('server_definitions')
        .whereIn('id', ids)
        .update({
          status: 'missing',
          pin: this.#trx.ref('approved_pin') as never,
          definition: this.#trx.ref('approved_definition') as never,
          findings: '[]',
          critical: false,
        });
    }
    for (const ids of inChunks(
      forgotten.map(({ id }) => id),
      IDS_AT_ONCE,
    )) {
      await this.#trx('server_definitions').whereIn('id', ids).delete();
    }
    this.#changes.missing = missing.length;
    this.#changes.total += missing.length + forgotten.length;
  }

  async #write(): Promise<void> {
    await this.#trx.batchInsert(
      'server_definitions',
      this.#added,
      ROWS_AT_ONCE,
    );
    for (const { id, ...change } of this.#updated) {
      await this.#trx('server_definitions').where({ id }).update(change);
    }
  }

  async #rejectedPins(): Promise<Map<string, Set<string>>> {
    const rows = await this.#trx<RejectionRow>('rejected_definitions')
      .where({ entity_ref: this.#entityRef })
      .select('kind', 'key_hash', 'pin');
    const pins = new Map<string, Set<string>>();
    for (const { kind, key_hash, pin } of rows) {
      const identity = identityOf(kind, key_hash);
      pins.set(identity, (pins.get(identity) ?? new Set()).add(pin));
    }
    return pins;
  }
}

function inChunks<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}
