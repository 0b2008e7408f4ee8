import type {
  ApprovalKind,
  ApprovalState,
} from '@prompt-corner/plugin-mcp-portal-common';

/** What a request of each kind can become next; what is not named is final. */
const NEXT: Record<
  ApprovalKind,
  Partial<Record<ApprovalState, readonly ApprovalState[]>>
> = {
  call: {
    pending: ['approved', 'denied', 'expired', 'cancelled'],
    approved: ['used', 'expired', 'cancelled'],
  },
  access: {
    pending: ['approved', 'denied', 'expired', 'cancelled'],
  },
};

/** The states from which a request of a kind can come to another one. */
export function statesBefore(
  kind: ApprovalKind,
  state: ApprovalState,
): ApprovalState[] {
  return (Object.keys(NEXT[kind]) as ApprovalState[]).filter(before =>
    NEXT[kind][before]?.includes(state),
  );
}

/** Whether a request in a state becomes `expired` when its time is over. */
export function expires(kind: ApprovalKind, state: ApprovalState): boolean {
  return statesBefore(kind, 'expired').includes(state);
}

/**
 * The states in which asking for the same call again leads to the same request.
 * A denial stands until the request would have expired, so that an agent which
 * repeats itself does not wear people out.
 */
export function isOpen(kind: ApprovalKind, state: ApprovalState): boolean {
  return kind === 'call'
    ? ['pending', 'approved', 'denied'].includes(state)
    : state === 'pending';
}
