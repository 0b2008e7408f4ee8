import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type {
  DefinitionKind,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import {
  DefinitionRow,
  DefinitionState,
  hashOfKey,
  identityOf,
  RejectionRow,
  statesOf,
} from './DefinitionRow';
import { REFUSED_PIN } from './ServerSnapshot';

/** A definition in the form in which someone looked at it. */
export interface DefinitionChoice {
  kind: DefinitionKind;
  key: string;
  pin: string;
}

/** An approval of one definition; tools need a class. */
export interface DefinitionApproval extends DefinitionChoice {
  toolClass?: ToolClass;
}

const IDS_AT_ONCE = 500;

/**
 * Approves definitions in the form that the approver looked at.
 *
 * @param by - UUID of the approver
 * @throws NotFoundError, ConflictError when one is not offered in this form any more, InputError
 * when a tool has no class, or critical findings were not acknowledged
 */
export async function approveDefinitions(
  entityRef: string,
  approvals: DefinitionApproval[],
  options: { by: string; acknowledgedFindings: boolean },
  trx: Knex,
): Promise<void> {
  const rows = await chosen(entityRef, approvals, trx);
  const idsByClass = new Map<ToolClass | null, string[]>();
  approvals.forEach(({ kind, key, toolClass }, index) => {
    if ((kind === 'tool') !== (toolClass !== undefined)) {
      throw new InputError(
        kind === 'tool'
          ? `Say with toolClass what the tool ${key} can do: read, write or destructive`
          : `Only tools have a toolClass, not the ${kind} ${key}`,
      );
    }
    if (rows[index].critical && !options.acknowledgedFindings) {
      throw new InputError(
        `The ${kind} ${key} has a critical finding. Read the findings, and send acknowledgedFindings to approve it all the same`,
      );
    }
    const ids = idsByClass.get(toolClass ?? null) ?? [];
    ids.push(rows[index].id);
    idsByClass.set(toolClass ?? null, ids);
  });
  await deleteRejections(rows, trx);
  for (const [toolClass, ids] of idsByClass) {
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      await trx<DefinitionRow>('server_definitions')
        .whereIn('id', ids.slice(start, start + IDS_AT_ONCE))
        .update({
          status: 'approved',
          approved_pin: trx.ref('pin') as never,
          approved_definition: trx.ref('definition') as never,
          approved_by: options.by,
          approved_at: new Date(),
          tool_class: toolClass,
        });
    }
  }
}

/**
 * Refuses definitions in exactly this form, also when they come again. An
 * approved one is not served any more.
 *
 * @throws NotFoundError, ConflictError as {@link approveDefinitions}
 */
export async function rejectDefinitions(
  entityRef: string,
  choices: DefinitionChoice[],
  options: { by: string; reason?: string },
  trx: Knex,
): Promise<void> {
  const rows = await chosen(entityRef, choices, trx);
  for (const row of rows) {
    await trx<RejectionRow>('rejected_definitions')
      .insert({
        entity_ref: entityRef,
        kind: row.kind,
        key_hash: row.key_hash,
        pin: row.pin,
        by: options.by,
        reason: options.reason ?? null,
        at: new Date(),
      })
      .onConflict(['entity_ref', 'kind', 'key_hash', 'pin'])
      .ignore();
    await trx<DefinitionRow>('server_definitions')
      .where({ id: row.id })
      .update({
        status: 'rejected',
        ...(row.approved_pin === row.pin && {
          approved_pin: null,
          approved_definition: null,
          approved_by: null,
          approved_at: null,
          tool_class: null,
        }),
      });
  }
}

/** The rows of choices, in their order. */
async function chosen(
  entityRef: string,
  choices: DefinitionChoice[],
  trx: Knex,
): Promise<DefinitionState[]> {
  const rows = new Map(
    (await statesOf(entityRef, trx)).map(row => [
      identityOf(row.kind, row.key_hash),
      row,
    ]),
  );
  const seen = new Set<DefinitionState>();
  return choices.map(({ kind, key, pin }) => {
    const row = rows.get(identityOf(kind, hashOfKey(key)));
    if (!row) {
      throw new NotFoundError(`The server has no ${kind} ${key}`);
    }
    if (row.pin !== pin || row.status === 'missing') {
      throw new ConflictError(
        `The ${kind} ${key} is not what you looked at any more; look at it again`,
      );
    }
    if (pin === REFUSED_PIN) {
      throw new InputError(
        `The ${kind} ${key} cannot be pinned, so it is never served; its finding says why`,
      );
    }
    if (seen.has(row)) {
      throw new InputError(`The ${kind} ${key} is in the list twice`);
    }
    seen.add(row);
    return row;
  });
}

async function deleteRejections(
  rows: DefinitionState[],
  trx: Knex,
): Promise<void> {
  for (const { entity_ref, kind, key_hash, pin, status } of rows) {
    if (status === 'rejected') {
      await trx<RejectionRow>('rejected_definitions')
        .where({ entity_ref, kind, key_hash, pin })
        .delete();
    }
  }
}
