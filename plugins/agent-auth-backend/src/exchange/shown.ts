/** The longest value of a claim that a message repeats, characters. */
const LONGEST = 100;

/** A claim's value as messages show it: on one line, and not long. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'not there';
  }
  const text = JSON.stringify(value)
    // Also those that JSON leaves as they are, and that would change how a line reads.
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
