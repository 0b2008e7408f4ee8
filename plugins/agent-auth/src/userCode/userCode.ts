const LENGTH = 8;

// Consonants only, so that no code is a word (RFC 8628, section 6.1).
const COMPLETE = /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/;

/**
 * Brings what is typed or pasted into the form that devices show: `BCDF-GHJK`.
 * Letters that no code has stay, so that the user sees the mistake.
 */
export function formatUserCode(typed: string): string {
  const letters = typed
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, LENGTH);
  const half = LENGTH / 2;
  return letters.length > half
    ? `${letters.slice(0, half)}-${letters.slice(half)}`
    : letters;
}

/** Tells whether a formatted code can be one that a device shows. */
export function isCompleteUserCode(code: string): boolean {
  return COMPLETE.test(code);
}
