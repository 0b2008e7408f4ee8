import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Notify } from './Approvals';

/** Names of tools are as long as a server likes. */
const MAX_SHOWN_LENGTH = 80;

/**
 * Tells approvers by Backstage's notifications, which may go on to mail or chat;
 * so they say who has to look where, and nothing of the arguments. A request
 * without named approvers is seen on the page by those with the permission.
 *
 * @param options.entityRefOf - of the user behind a UUID: who asked is not told
 */
export function notifyApprovers(options: {
  notifications: NotificationService;
  entityRefOf: (uuid: string) => Promise<string | undefined>;
  logger: LoggerService;
}): Notify {
  const { notifications, entityRefOf, logger } = options;
  return async approval => {
    const { id, kind, approvers, target, server, portal } = approval;
    if (!approvers.length) {
      return true;
    }
    const inPortal = portal ? ` in the portal "${shown(portal)}"` : '';
    try {
      await notifications.send({
        recipients: {
          type: 'entity',
          entityRef: approvers,
          excludeEntityRef: await entityRefOf(approval.requester),
        },
        payload: {
          title:
            kind === 'call'
              ? `A call of "${shown(target ?? '')}" waits for approval`
              : `Somebody asks for access to ${shown(server)}`,
          description:
            kind === 'call'
              ? `On the MCP server "${shown(server)}"${inPortal}`
              : `To the MCP server "${shown(server)}"${inPortal}`,
          link: `/mcp-servers/approvals/${id}`,
          severity: kind === 'call' ? 'high' : 'normal',
          topic: 'mcp-approvals',
          scope: `mcp-approval:${id}`,
        },
      });
      return true;
    } catch (error) {
      // Approvers still find it on the page.
      logger.warn(
        `Approvers could not be notified of the approval ${id}`,
        error as Error,
      );
      return false;
    }
  };
}

function shown(name: string): string {
  return name.length > MAX_SHOWN_LENGTH
    ? `${name.slice(0, MAX_SHOWN_LENGTH)}…`
    : name;
}
