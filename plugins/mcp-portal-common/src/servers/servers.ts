/**
 * Where a server stands:
 *
 * - `draft`: in the catalog, and nobody has asked for it
 * - `pending`: proposed, and waits for an approver
 * - `approved`: served, tool by tool
 * - `suspended`: out of every portal until someone lifts it; nothing is lost
 * - `retired`: out of every portal for good
 *
 * @public
 */
export type ServerStatus =
  | 'draft'
  | 'pending'
  | 'approved'
  | 'suspended'
  | 'retired';

/**
 * How a remote of a server is reached; `openapi` is an HTTP API whose operations
 * are requested below its base URL.
 *
 * @public
 */
export type RemoteType = 'streamable-http' | 'sse' | 'openapi';

/** A URL at which a server answers, as the catalog has it in `spec.remotes`. @public */
export interface ServerRemote {
  type: RemoteType;
  url: string;
}

/**
 * How a server did lately:
 *
 * - `unknown`: never asked
 * - `healthy`: the last synchronisation succeeded
 * - `degraded`: the last one failed; the last good snapshot is served
 *
 * @public
 */
export type ServerHealthState = 'unknown' | 'healthy' | 'degraded';

/** The health of a server. Times are ISO 8601. @public */
export interface ServerHealth {
  state: ServerHealthState;
  /** What went wrong last, for people; without secrets. */
  error?: string;
  lastAttemptAt?: string;
  lastSuccessAt?: string;
}

/** An MCP server that the portal knows: a catalog entity and what the registry adds to it. @public */
export interface RegisteredServer {
  /** The catalog entity, `api:<namespace>/<name>` in lower case. The key of everything stored about it. */
  entityRef: string;
  /**
   * Its name in tool names: letters, digits and no underscore, so that
   * `<server>_<tool>` is read in one way only. Unique, and never changes.
   */
  name: string;
  title: string;
  description: string;
  /** Full entity ref of the owning group or user. */
  owner: string;
  remotes: ServerRemote[];
  status: ServerStatus;
  /** Why it is suspended or retired, or what the approver said. */
  statusReason?: string;
  /** UUID of who proposed it; absent when nobody did. */
  proposedBy?: string;
  /** UUID of who approved it, or `config`. */
  approvedBy?: string;
  health: ServerHealth;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
}
