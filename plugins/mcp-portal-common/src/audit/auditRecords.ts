import type { PolicyDecision } from '../policy/decisions';
import type { ToolClass } from '../tools/definitions';

/**
 * What a record of the audit trail is about. The last four are decisions: on a
 * server, on one of its definitions, the end of access that was granted, and how
 * the portal signs in at a server.
 *
 * @public
 */
export type AuditAction =
  | 'session'
  | 'tools/list'
  | 'tools/call'
  | 'prompts/list'
  | 'prompts/get'
  | 'resources/list'
  | 'resources/templates/list'
  | 'resources/read'
  | 'completion/complete'
  | 'approval'
  | 'server'
  | 'definition'
  | 'grant'
  | 'credential';

/**
 * How it ended:
 *
 * - `ok`
 * - `tool_error`: the tool itself said that it failed
 * - `denied`: by policy, scope, pin, guardrail or rate limit; see `stage`
 * - `held`: waits for a person
 * - `upstream_error`: the server did not answer, or not with sense
 * - `cancelled`: by the client
 * - `error`: the portal's own fault
 *
 * @public
 */
export type AuditOutcome =
  | 'ok'
  | 'tool_error'
  | 'denied'
  | 'held'
  | 'upstream_error'
  | 'cancelled'
  | 'error';

/** One guardrail finding, without what was found. @public */
export interface AuditFinding {
  detector: string;
  action: 'flag' | 'redact' | 'block';
  direction: 'argument' | 'result' | 'error' | 'definition';
  count: number;
}

/** What is recorded of everything that goes through a portal. People are UUIDs. @public */
export interface AuditRecord {
  /** ISO 8601 with milliseconds, UTC. */
  at: string;
  action: AuditAction;
  outcome: AuditOutcome;
  /** The stage that refused, such as `policy` or `guardrails.arguments`. */
  stage?: string;
  /** For people, without argument values: what went wrong. */
  message?: string;
  caller: {
    kind: 'user' | 'service' | 'anonymous';
    uuid?: string;
    connectionId?: string;
    clientId?: string;
    clientName?: string;
    clientVersion?: string;
    address?: string;
  };
  protocolVersion?: string;
  portal: string;
  /** Name of the server. */
  server?: string;
  /** The server's own name of the tool or prompt, or the URI of the resource. */
  target?: string;
  toolClass?: ToolClass;
  pin?: string;
  decision?: Pick<PolicyDecision, 'effect' | 'policies'>;
  /** What policy read, so that a draft policy can be tried on past calls. */
  policyAttributes?: Record<string, unknown>;
  findings?: AuditFinding[];
  /** `sha256:` and hex, over the canonical JSON of the arguments. */
  argumentDigest?: string;
  durationMs?: number;
  upstreamDurationMs?: number;
  requestBytes?: number;
  resultBytes?: number;
  /** Of the result, about: four bytes each. */
  estimatedResultTokens?: number;
  traceId?: string;
  /** Of a Code Mode execution. */
  executionId?: string;
  /** Id of an approval that it waited for. */
  approvalId?: string;
}

/** How the audit trail of one replica is. Times are ISO 8601. @public */
export interface AuditStatus {
  /** `failing`: the last record could not be committed. */
  state: 'ok' | 'failing';
  /** What happens then: calls are refused, or go on and are in the log only. */
  onFailure: 'deny' | 'degrade';
  /** UUID under which the replica writes. */
  writer?: string;
  /** Records that wait for the database. */
  queuedRecords: number;
  /** Since the start of the replica; they are in its log. */
  uncommittedRecords: number;
  lastCommitAt?: string;
  lastFailureAt?: string;
  lastError?: string;
}

/** An audit record as it is stored. @public */
export interface StoredAuditRecord {
  /** Opaque. A list or an export goes on after it. */
  id: string;
  record: AuditRecord;
  /** UTC day of the commit, `YYYY-MM-DD`. Day and writer name the chain. */
  day: string;
  /** UUID of the process that wrote it. */
  writer: string;
  /** Number in the chain, from 1 and without gaps. */
  seq: number;
  /** HMAC-SHA256 of the record before, and of this one; hex. */
  previousHash: string;
  hash: string;
}

/** Some audit records, newest first. @public */
export interface AuditPage {
  items: StoredAuditRecord[];
  /** Given when there are more. */
  nextCursor?: string;
}

/** By what use is counted; `tool` is the target, of whatever kind. @public */
export type AuditUsageDimension =
  | 'day'
  | 'portal'
  | 'server'
  | 'tool'
  | 'action'
  | 'outcome'
  | 'caller'
  | 'client';

/** How many records have the same values. A dimension that a record lacks is null. @public */
export type AuditUsageCount = Partial<
  Record<AuditUsageDimension, string | null>
> & { count: number };

/** How much the portals are used. @public */
export interface AuditUsage {
  items: AuditUsageCount[];
  /** Set when there are more combinations than fit: what to do about it. */
  more?: string;
}

/** Where a chain of audit records stood at some time. @public */
export interface AuditHead {
  day: string;
  writer: string;
  seq: number;
  hash: string;
}

/** The last line of an export. Without it, the export is not complete. @public */
export interface AuditExportTrailer {
  type: 'trailer';
  /** Records in this export. */
  count: number;
  /** Where the chains stood. Kept elsewhere, they prove later that nothing was cut off or replaced. */
  heads: AuditHead[];
}

/**
 * What is wrong in a chain:
 *
 * - `record-altered`: it is not what was written there: edited, inserted or moved
 * - `records-missing`: removed, in the middle or at the end
 * - `records-added`: after the end of the chain
 * - `chain-missing`: nothing tells where the chain ends, or all of it is gone
 * - `chain-altered`: what tells where it ends is not signed with the key
 * - `key-unknown`: signed with a key that is not configured
 *
 * @public
 */
export type AuditProblemKind =
  | 'record-altered'
  | 'records-missing'
  | 'records-added'
  | 'chain-missing'
  | 'chain-altered'
  | 'key-unknown';

/** Something that should not be, and where. @public */
export interface AuditProblem {
  type: 'problem';
  kind: AuditProblemKind;
  day: string;
  writer: string;
  /** The first record concerned. */
  seq?: number;
  /** For people. */
  message: string;
}

/** What verification says as it goes. The last one is the result. @public */
export type AuditVerificationEvent =
  | { type: 'progress'; day: string; chains: number; records: number }
  | AuditProblem
  | {
      type: 'result';
      /** True when there was no problem. */
      ok: boolean;
      problems: number;
      chains: number;
      /** Of them, those whose records retention has deleted. */
      expiredChains: number;
      records: number;
    };
