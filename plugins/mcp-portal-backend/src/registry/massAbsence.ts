import type { ServerRecord } from './ServerRecord';

/** Of the approved servers, how many may go missing within the grace time and be believed at once. */
const BELIEVED_SHARE = 0.2;

/** Approved servers that are missing in a catalog which is not believed yet. */
export interface MassAbsence {
  /** Those that stay served for now, by entity ref. */
  held: ReadonlySet<string>;
  /** How many the catalog should have. */
  expected: number;
}

/**
 * Finds out whether so many servers went missing that it is more likely that
 * the catalog is wrong: it lost its database, a location is broken, or it has
 * only begun to read. It is when
 *
 * - the catalog has no MCP server at all, or
 * - within the grace time more than one approved server, and more than a fifth
 *   of them, went missing, at once or one after the other.
 *
 * Each of them is believed to be gone when the catalog has not had it for the
 * grace time. A server that goes alone is believed to be gone at once.
 *
 * @param servers - all that the registry knows
 * @param found - entity refs of those that the catalog has now
 */
export function massAbsence(
  servers: ServerRecord[],
  found: { has(entityRef: string): boolean; size: number },
  options: { graceMs: number; now: number },
): MassAbsence {
  const { graceMs, now } = options;
  const approved = servers.filter(
    ({ status, suspensionCause }) =>
      status === 'approved' || suspensionCause === 'absent',
  );
  const missing = approved.filter(({ entityRef }) => !found.has(entityRef));
  const recent = missing.filter(
    ({ absentSince }) =>
      absentSince === undefined || now - Date.parse(absentSince) < graceMs,
  );
  const expected = approved.length - missing.length + recent.length;
  const isLikelyWrong =
    found.size === 0 || recent.length > Math.max(1, expected * BELIEVED_SHARE);
  const held =
    graceMs > 0 && isLikelyWrong
      ? recent.filter(({ status }) => status === 'approved')
      : [];
  return {
    held: new Set(held.map(({ entityRef }) => entityRef)),
    expected,
  };
}
