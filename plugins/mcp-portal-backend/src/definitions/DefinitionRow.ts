import type {
  DefinitionFinding,
  DefinitionKind,
  DefinitionStatus,
  ServerDefinition,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import { suggestedClass } from './suggestedClass';

/** A row of `server_definitions`. */
export interface DefinitionRow {
  id: string;
  entity_ref: string;
  kind: DefinitionKind;
  key: string;
  key_hash: string;
  status: DefinitionStatus;
  pin: string;
  definition: string;
  findings: string;
  critical: boolean | number;
  approved_pin: string | null;
  approved_definition: string | null;
  approved_by: string | null;
  approved_at: Date | null;
  tool_class: ToolClass | null;
  seen_at: Date;
}

/** A row of `rejected_definitions`. */
export interface RejectionRow {
  entity_ref: string;
  kind: DefinitionKind;
  key_hash: string;
  pin: string;
  by: string;
  reason: string | null;
  at: Date;
}

/** A row without its long texts. */
export type DefinitionState = Omit<
  DefinitionRow,
  'definition' | 'findings' | 'approved_definition'
>;

const STATE_COLUMNS: Array<keyof DefinitionState> = [
  'id',
  'entity_ref',
  'kind',
  'key',
  'key_hash',
  'status',
  'pin',
  'critical',
  'approved_pin',
  'approved_by',
  'approved_at',
  'tool_class',
  'seen_at',
];

/** All rows of a server, without their long texts. */
export async function statesOf(
  entityRef: string,
  database: Knex,
): Promise<DefinitionState[]> {
  return database<DefinitionRow>('server_definitions')
    .where({ entity_ref: entityRef })
    .select(STATE_COLUMNS);
}

/** By which a definition is found again: keys can be too long for an index. */
export function identityOf(kind: DefinitionKind, keyHash: string): string {
  return `${kind} ${keyHash}`;
}

/** SHA-256 of a key, hex. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Whether an approver has to say that the findings were read. */
export function isCritical(findings: DefinitionFinding[]): boolean {
  return findings.some(({ severity }) => severity === 'critical');
}

/** A row as an approver sees it. */
export function toServerDefinition(row: DefinitionRow): ServerDefinition {
  const definition = JSON.parse(row.definition);
  const differs =
    row.approved_pin !== null &&
    (row.approved_pin !== row.pin || row.status === 'missing');
  return {
    kind: row.kind,
    key: row.key,
    status: row.status,
    pin: row.pin,
    definition,
    approved: differs
      ? {
          pin: row.approved_pin!,
          definition: JSON.parse(row.approved_definition!),
          by: row.approved_by!,
          at: new Date(row.approved_at!).toISOString(),
        }
      : undefined,
    toolClass:
      row.kind === 'tool'
        ? row.tool_class ?? suggestedClass(definition)
        : undefined,
    findings: JSON.parse(row.findings),
    seenAt: new Date(row.seen_at).toISOString(),
  };
}
