import { createHash } from 'node:crypto';
import { CatalogServer, NAME_ANNOTATION } from './catalog';

/** What names of servers look like. Without underscore, so that `<server>_<tool>` is read in one way only. */
export const SERVER_NAME_PATTERN = /^[a-z][A-Za-z0-9]{0,23}$/;

const MAX_LENGTH = 24;
const SUFFIX_LENGTH = 6;

/** Say nothing: everything here is an MCP server. */
const EMPTY_WORDS = new Set(['mcp', 'server']);

/**
 * The name that a server would like to have: its annotation, else the parts
 * of its entity's name, without `mcp` and `server`, joined in camel case:
 * `gitlab-mcp` is `gitlab`, `issue-tracker-mcp-server` is `issueTracker`.
 */
export function wishedName(server: CatalogServer): string {
  const explicit = server.annotations[NAME_ANNOTATION];
  if (explicit && SERVER_NAME_PATTERN.test(explicit)) {
    return explicit;
  }
  const entityName = server.entityRef.split('/')[1];
  const words = entityName.split(/[^a-z0-9]+/).filter(Boolean);
  const telling = words.filter(word => !EMPTY_WORDS.has(word));
  const [first = 'server', ...rest] = telling.length ? telling : words;
  const joined = [
    /^[a-z]/.test(first) ? first : `s${first}`,
    ...rest.map(word => word[0].toUpperCase() + word.slice(1)),
  ].join('');
  return joined.slice(0, MAX_LENGTH);
}

/**
 * A name that is free: the wished one, else the wished one with the beginning of
 * a hash of the entity ref, so that it is the same whenever it is made.
 *
 * @param isTaken - asked with names in lower case
 */
export function freeName(
  wished: string,
  entityRef: string,
  isTaken: (nameKey: string) => boolean,
): string {
  if (!isTaken(wished.toLowerCase())) {
    return wished;
  }
  const hash = createHash('sha256').update(entityRef).digest('hex');
  // A second turn needs two refs with the same wish and the same 24 bits.
  for (let length = SUFFIX_LENGTH; ; length++) {
    const name = wished.slice(0, MAX_LENGTH - length) + hash.slice(0, length);
    if (!isTaken(name.toLowerCase())) {
      return name;
    }
  }
}
