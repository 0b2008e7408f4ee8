import { createHash } from 'node:crypto';

/** Longest name that model providers take for a tool: OpenAI and Anthropic allow 64 characters. */
export const MAX_NAME_LENGTH = 64;

/** Longest name of a server, so that most of a name is left to the tool. */
export const MAX_SERVER_NAME_LENGTH = 24;

/**
 * A server's name in tool names. Without underscore, so that `<server>_<tool>`
 * is read in one way only.
 */
export const SERVER_NAME = /^[a-z][A-Za-z0-9]{0,23}$/;

/** The suffix of a name that does not say all of the tool's own. */
export const HASH_SUFFIX = /_[0-9a-f]{8}$/;

const SUFFIX_LENGTH = 9;

/**
 * The name under which a tool or prompt of a server is known: `<server>_<name>`
 * with `_` for whatever is no letter or digit. It is a JavaScript identifier of
 * at most 64 characters, and no reserved word or member of `Object.prototype`
 * (all of those begin with `_`, or have none).
 *
 * A name that has other characters than letters, digits, `_`, `-` and `.`, is
 * too long, or ends like a suffix, gets a suffix of `_` and eight hex digits of
 * its SHA-256. So a name depends on nothing but the server and the tool: no
 * tool can take the name of another by appearing before it. (Two tools of one
 * server that differ in `_`, `-` and `.` only are told apart by `toolNames`.)
 *
 * @param server - matches {@link SERVER_NAME}
 * @param name - as the server has it: any text
 */
export function exposedName(server: string, name: string): string {
  const whole = `${server}_${name.replace(/[-.]/g, '_')}`;
  const legible =
    /^[\w.-]*$/.test(name) &&
    !HASH_SUFFIX.test(whole) &&
    whole.length <= MAX_NAME_LENGTH;
  return legible ? whole : suffixedName(server, name);
}

/** As {@link exposedName}, always with the suffix. */
export function suffixedName(server: string, name: string): string {
  const head = `${server}_${name.replace(/\W/g, '_')}`;
  return `${head.slice(0, MAX_NAME_LENGTH - SUFFIX_LENGTH)}_${digestOf(name)}`;
}

/** In UTF-16, in which halves of surrogate pairs that JSON can carry still differ. */
function digestOf(name: string): string {
  return createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 8);
}
