/** What `~0`, `~1` and `~2` stand for, as in JSON Pointer (RFC 6901, section 3). */
const ESCAPES: Record<string, string> = { '~': '~0', '.': '~1', '[': '~2' };

/** Ends the path of what an array contains. */
export const ITEMS = '[]';

/**
 * The path of an argument below another one: keys joined by dots. In a key, `~`
 * is written `~0`, `.` is `~1` and `[` is `~2`, so that no two arguments share
 * a path.
 *
 * @param parent - path of the object that has the key; undefined for the arguments themselves
 */
export function pathBelow(parent: string | undefined, key: string): string {
  const escaped = key.replace(/[~.[]/g, character => ESCAPES[character]);
  return parent === undefined ? escaped : `${parent}.${escaped}`;
}
