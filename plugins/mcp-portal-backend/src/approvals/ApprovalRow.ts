import type {
  Approval,
  ApprovalKind,
  ApprovalState,
} from '@prompt-corner/plugin-mcp-portal-common';
import { expires } from './states';

/** A row of the table `approvals`. */
export interface ApprovalRow {
  id: string;
  kind: string;
  state: string;
  requester: string;
  portal: string | null;
  server: string;
  target: string | null;
  summary: string;
  arguments: string | null;
  argument_digest: string;
  access: string | null;
  justification: string | null;
  policies: string;
  decided_by: string | null;
  decided_at: Date | number | null;
  reason: string | null;
  expires_at: Date | number;
  created_at: Date | number;
  /** By the database's clock; SQLite has numbers. */
  overdue: boolean | number;
}

/** Where a request stands: what is over is expired, whether it has been marked or not. */
export function stateOf(
  row: Pick<ApprovalRow, 'kind' | 'state' | 'overdue'>,
): ApprovalState {
  const state = row.state as ApprovalState;
  return row.overdue && expires(row.kind as ApprovalKind, state)
    ? 'expired'
    : state;
}

/** A request as a row has it. */
export function toApproval(row: ApprovalRow, approvers: string[]): Approval {
  return {
    id: row.id,
    kind: row.kind as ApprovalKind,
    state: stateOf(row),
    requester: row.requester,
    portal: row.portal ?? undefined,
    server: row.server,
    target: row.target ?? undefined,
    summary: row.summary,
    arguments: parse(row.arguments),
    argumentDigest: row.argument_digest,
    access: parse(row.access) as Approval['access'],
    justification: row.justification ?? undefined,
    approvers,
    policies: parse(row.policies) as string[],
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at === null ? undefined : iso(row.decided_at),
    reason: row.reason ?? undefined,
    expiresAt: iso(row.expires_at),
    createdAt: iso(row.created_at),
  };
}

function parse(json: string | null): unknown {
  return json === null ? undefined : JSON.parse(json);
}

function iso(date: Date | number): string {
  return new Date(date).toISOString();
}
