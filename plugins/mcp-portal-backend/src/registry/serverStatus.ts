import { ConflictError } from '@backstage/errors';
import type { ServerStatus } from '@prompt-corner/plugin-mcp-portal-common';

/** What people do to a server. */
export type ServerAction =
  | 'propose'
  | 'approve'
  | 'reject'
  | 'suspend'
  | 'resume'
  | 'retire';

interface Transition {
  from: ServerStatus[];
  to: ServerStatus;
}

/** The whole state machine. What happens by itself is in `reconcile.ts`. */
export const TRANSITIONS: Record<ServerAction, Transition> = {
  propose: { from: ['draft', 'retired'], to: 'pending' },
  approve: { from: ['pending'], to: 'approved' },
  reject: { from: ['pending'], to: 'draft' },
  // A suspended one, too: a suspension that would pass by itself then stays.
  suspend: { from: ['approved', 'suspended'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'approved' },
  retire: { from: ['approved', 'suspended'], to: 'retired' },
};

/**
 * Where a server stands after an action.
 *
 * @throws ConflictError when the action does not fit where it stands
 */
export function statusAfter(
  status: ServerStatus,
  action: ServerAction,
): ServerStatus {
  const { from, to } = TRANSITIONS[action];
  if (!from.includes(status)) {
    throw new ConflictError(
      `The server is ${status}; to ${action} it, it has to be ${from.join(
        ' or ',
      )}`,
    );
  }
  return to;
}
