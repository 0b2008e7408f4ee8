import type {
  ServerRemote,
  ServerStatus,
} from '@prompt-corner/plugin-mcp-portal-common';
import { CatalogServer, isSameRemotes } from './catalog';
import type { ConfiguredServer } from './config';
import type { ServerRecord, SuspensionCause } from './ServerRecord';
import type { ServerPatch } from './ServerStore';

/** What happens to a server by itself. */
export interface AutomaticChange {
  patch: ServerPatch;
  /** Present when where it stands changes. */
  transition?: {
    action: 'approve' | 'suspend' | 'resume';
    to: ServerStatus;
    by: 'catalog' | 'config';
    reason: string;
  };
}

/** What one reading of the catalog says about a server. */
export interface SeenServer {
  /** Undefined when the catalog does not have it. */
  found?: CatalogServer;
  /** Whether that is not believed yet: it is not suspended for it. */
  isHeld: boolean;
  /** When, in milliseconds since 1970. */
  now: number;
}

/**
 * For how long who owned a server may not decide on it. Long enough that
 * handing over an entity for an approval is noticed.
 */
const FORMER_OWNER_MS = 30 * 24 * 60 * 60_000;

const REASONS: Record<Exclude<SuspensionCause, 'manual'>, string> = {
  absent: 'Its entity is not in the catalog any more',
  remotes:
    'Its entity has other URLs than those that were approved; someone has to approve them',
  unconfigured: 'The configuration does not approve it any more',
};

/**
 * What has to change of a server, given what the catalog and the configuration
 * say now. The same input always leads to the same state, so replicas may do it
 * at any time.
 *
 * @returns undefined when all is as it should be
 */
export function reconcile(
  server: ServerRecord,
  seen: SeenServer,
  configured: ConfiguredServer | undefined,
): AutomaticChange | undefined {
  const { found, isHeld } = seen;
  const approval = approvedByConfiguration(server, found, configured);
  const suspension = isHeld
    ? undefined
    : suspended(
        { ...server, ...(approval?.patch as Partial<ServerRecord>) },
        found,
        configured,
      );
  const transition = approval?.transition ?? suspension?.transition;
  const patch: ServerPatch = {
    ...catalogPatch(server, seen),
    ...approval?.patch,
    ...suspension?.patch,
    ...(transition && {
      status: transition.to,
      statusReason: transition.reason,
    }),
  };
  return Object.keys(patch).length ? { patch, transition } : undefined;
}

function catalogPatch(
  server: ServerRecord,
  { found, now }: SeenServer,
): ServerPatch {
  const patch: ServerPatch = {};
  if (found && server.absentSince) {
    patch.absentSince = null;
  }
  if (!found && !server.absentSince) {
    patch.absentSince = new Date(now).toISOString();
  }
  if (found && JSON.stringify(found) !== JSON.stringify(server.catalog)) {
    patch.catalog = found;
    const until = new Date(now + FORMER_OWNER_MS).toISOString();
    const gone = server.catalog.owners.filter(
      ref => !found.owners.includes(ref),
    );
    if (gone.length) {
      patch.formerOwners = [
        ...server.formerOwners.filter(
          former =>
            !gone.includes(former.ref) && Date.parse(former.until) > now,
        ),
        ...gone.map(ref => ({ ref, until })),
      ];
    }
  }
  return patch;
}

/**
 * Approval by configuration of a server that nobody decided on, or whose new URLs
 * it names. Who proposes a server that somebody turned down must not get it
 * approved, with all that it offers by then, without a second person.
 */
function approvedByConfiguration(
  server: ServerRecord,
  found: CatalogServer | undefined,
  configured: ConfiguredServer | undefined,
): AutomaticChange | undefined {
  const approval = configured?.approval;
  if (!approval || !found || found.problem) {
    return undefined;
  }
  if (!allowsRemotes(approval, found.remotes)) {
    return undefined;
  }
  if (server.status === 'draft' || server.status === 'pending') {
    if (server.turnedDown) {
      return undefined;
    }
    return {
      patch: {
        approvedBy: 'config',
        approvedRemotes: found.remotes,
        trustFirstSnapshot: true,
      },
      transition: {
        action: 'approve',
        to: 'approved',
        by: 'config',
        reason: 'Approved by the configuration',
      },
    };
  }
  const isNew =
    approval.urls !== undefined &&
    server.approvedBy === 'config' &&
    !isSameRemotes(server.approvedRemotes, found.remotes);
  return isNew ? { patch: { approvedRemotes: found.remotes } } : undefined;
}

/** Suspensions that come and go by themselves. One by a person stays. */
function suspended(
  server: ServerRecord,
  found: CatalogServer | undefined,
  configured: ConfiguredServer | undefined,
): AutomaticChange | undefined {
  const { status, suspensionCause } = server;
  const isAutomatic = status === 'suspended' && suspensionCause !== 'manual';
  if (status !== 'approved' && !isAutomatic) {
    return undefined;
  }
  const cause = causeOf(server, found, configured);
  if (cause === suspensionCause) {
    return undefined;
  }
  const by =
    (cause ?? suspensionCause) === 'unconfigured' ? 'config' : 'catalog';
  if (!cause) {
    return {
      patch: { suspensionCause: null },
      transition: {
        action: 'resume',
        to: 'approved',
        by,
        reason: 'What it was suspended for has passed',
      },
    };
  }
  return {
    patch: { suspensionCause: cause },
    transition: {
      action: 'suspend',
      to: 'suspended',
      by,
      reason: REASONS[cause],
    },
  };
}

function causeOf(
  server: ServerRecord,
  found: CatalogServer | undefined,
  configured: ConfiguredServer | undefined,
): Exclude<SuspensionCause, 'manual'> | undefined {
  if (!found) {
    return 'absent';
  }
  if (!isSameRemotes(server.approvedRemotes, found.remotes)) {
    return 'remotes';
  }
  const isApproved =
    server.approvedBy !== 'config' ||
    (configured?.approval && allowsRemotes(configured.approval, found.remotes));
  return isApproved ? undefined : 'unconfigured';
}

/** Whether an approval is for these URLs, as far as it says. */
function allowsRemotes(
  { urls }: { urls?: string[] },
  remotes: ServerRemote[],
): boolean {
  return (
    urls === undefined ||
    JSON.stringify(urls) === JSON.stringify(remotes.map(({ url }) => url))
  );
}
