import type { DefinitionStatus } from '@prompt-corner/plugin-mcp-portal-common';
import { REFUSED_PIN } from './ServerSnapshot';

/**
 * Where a definition stands, which follows from nothing but its pins. So a
 * form that was refused stays refused, and one that was approved and comes back
 * unchanged is approved, whatever was sent in between.
 *
 * @returns undefined for what is neither offered nor was approved: nothing to keep
 */
export function standingOf(pins: {
  /** Of what the server sends now, if it sends it. */
  current?: string;
  approved?: string;
  rejected: ReadonlySet<string>;
}): DefinitionStatus | undefined {
  const { current, approved, rejected } = pins;
  if (current === undefined) {
    return approved === undefined ? undefined : 'missing';
  }
  if (current === REFUSED_PIN) {
    return 'quarantined';
  }
  if (rejected.has(current)) {
    return 'rejected';
  }
  return current === approved ? 'approved' : 'quarantined';
}
