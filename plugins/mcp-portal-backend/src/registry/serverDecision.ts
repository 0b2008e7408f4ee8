import type { Decision } from '../audit';
import type { HistoryEntry } from './ServerStore';

/**
 * What the audit trail has of a change of where a server stands.
 *
 * @param server - its name
 */
export function serverDecision(
  server: string,
  { action, from, to }: Pick<HistoryEntry, 'action' | 'from' | 'to'>,
): Decision {
  return { action: 'server', message: `${action}: ${from} to ${to}`, server };
}
