import type { ToolClass } from '../tools/definitions';

/**
 * What waits for a person:
 *
 * - `call`: one call of a tool, with exactly its arguments
 * - `access`: the use of a server for some time
 *
 * @public
 */
export type ApprovalKind = 'call' | 'access';

/**
 * Where a request stands:
 *
 * - `pending`: nobody has decided
 * - `approved`: a call may be made once, until `expiresAt`; access is granted
 * - `denied`: final
 * - `expired`: nobody decided in time, or an approved call was not made in time
 * - `cancelled`: withdrawn by who asked
 * - `used`: the approved call was made
 *
 * @public
 */
export type ApprovalState =
  | 'pending'
  | 'approved'
  | 'denied'
  | 'expired'
  | 'cancelled'
  | 'used';

/** What a person can say of a request. @public */
export type ApprovalDecision = 'approve' | 'deny';

/** What a request for access asks for. @public */
export interface RequestedAccess {
  /** Classes of tools. */
  toolClasses: ToolClass[];
  /** Only these tools of the classes, by the server's own names; absent for all of them. */
  tools?: string[];
  /** For how long, from the approval on. */
  lifetimeSeconds: number;
}

/** A request that waits for a person, or has. People are UUIDs; times are ISO 8601. @public */
export interface Approval {
  id: string;
  kind: ApprovalKind;
  state: ApprovalState;
  /** UUID of who asked. */
  requester: string;
  /** Absent when access is asked for in all portals. */
  portal?: string;
  /** Name of the server. */
  server: string;
  /** The server's own name of the tool; absent for access. */
  target?: string;
  /** One line for people; without argument values. */
  summary: string;
  /** Of a call, with secrets and personal data taken out. */
  arguments?: unknown;
  /** `sha256:` and hex; what is approved is bound to it. */
  argumentDigest: string;
  access?: RequestedAccess;
  /** Why access is wanted. */
  justification?: string;
  /** Entity refs of groups and users who may decide, besides those with the permission. */
  approvers: string[];
  /** Ids of the policies that want a person to decide. */
  policies: string[];
  /** UUID. */
  decidedBy?: string;
  decidedAt?: string;
  /** What the approver said. */
  reason?: string;
  /** Until when it can be decided; of an approved call, until when it can be made. */
  expiresAt: string;
  createdAt: string;
}

/** A request as one user sees it. @public */
export interface ApprovalView extends Approval {
  /** Whether this user asked. */
  mine: boolean;
  /** Whether this user can decide it now. */
  mayDecide: boolean;
}

/** A page of requests, newest first. @public */
export interface ApprovalList {
  items: ApprovalView[];
  /** For the next page; absent on the last one. */
  nextCursor?: string;
}

/** Access to a server that somebody approved. Policies can read it. @public */
export interface AccessGrant {
  id: string;
  /** Id of the request. */
  approvalId: string;
  /** UUID of who has it. */
  principal: string;
  /** Name of the server. */
  server: string;
  /** Absent when it is for all portals. */
  portal?: string;
  toolClasses: ToolClass[];
  /** Only these tools, by the server's own names; absent for all of the classes. */
  tools?: string[];
  /** UUID of who approved it. */
  grantedBy: string;
  /** ISO 8601. */
  until: string;
  createdAt: string;
}
