import type {
  RegisteredServer,
  ServerHealth,
  ServerRemote,
  ServerStatus,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { CatalogServer } from './catalog';

/**
 * Why a server is suspended:
 *
 * - `manual`: somebody did it, and somebody has to lift it
 * - `absent`: its entity left the catalog
 * - `remotes`: its entity has other remotes than those that were approved
 * - `unconfigured`: the configuration approved it, and does not any more
 *
 * All but the first are lifted when they pass.
 */
export type SuspensionCause = 'manual' | 'absent' | 'remotes' | 'unconfigured';

/** What a server says of itself. Shown to approvers, never served: it is not pinned. */
export interface ServerAbout {
  serverInfo?: Record<string, unknown>;
  instructions?: string;
  protocolVersion?: string;
  capabilities?: Record<string, unknown>;
  /** Which of these were too large to keep. */
  omitted?: string[];
}

/** Everything the registry knows of a server. */
export interface ServerRecord {
  entityRef: string;
  name: string;
  /** As the catalog said last. */
  catalog: CatalogServer;
  /** Since when the catalog does not have it, ISO 8601. */
  absentSince?: string;
  status: ServerStatus;
  statusReason?: string;
  suspensionCause?: SuspensionCause;
  /** UUID. */
  proposedBy?: string;
  /** UUID, or `config`. */
  approvedBy?: string;
  /** UUID of the approver as whom it is looked at, where each user signs in. */
  syncAs?: string;
  /** Who owned it lately, and until when that counts, ISO 8601. */
  formerOwners: Array<{ ref: string; until: string }>;
  /** Where an approver looked at it last. */
  inspectedRemotes?: ServerRemote[];
  /** The only ones that are contacted. */
  approvedRemotes?: ServerRemote[];
  /** Approved by configuration, and its first snapshot is still to come. */
  trustFirstSnapshot: boolean;
  /** A person rejected or retired it: only a person can approve it again. */
  turnedDown: boolean;
  about?: ServerAbout;
  health: ServerHealth;
  consecutiveFailures: number;
  /** Of the registry, when this server changed last. */
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** A server as pages and portals see it. */
export function toRegisteredServer(record: ServerRecord): RegisteredServer {
  const { catalog, status, absentSince } = record;
  return {
    entityRef: record.entityRef,
    name: record.name,
    title: catalog.title,
    description: catalog.description,
    owner: catalog.owner,
    remotes: catalog.remotes,
    status,
    statusReason:
      status === 'approved' && absentSince
        ? unconfirmedAbsence(absentSince)
        : record.statusReason,
    proposedBy: record.proposedBy,
    approvedBy: record.approvedBy,
    health: record.health,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

function unconfirmedAbsence(absentSince: string): string {
  return `Its entity is missing in the catalog since ${absentSince}, as are many others or all, so that the catalog may be wrong. It is served until that is certain; suspend it to take it away now`;
}
