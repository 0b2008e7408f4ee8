import { InputError } from '@backstage/errors';
import { HASH_SUFFIX, MAX_NAME_LENGTH, SERVER_NAME } from './identifiers';
import type { NamedDefinition } from './NamingStrategy';

/** The first part of the names of the portal's own tools, and so the name of no server. */
export const PORTAL_PREFIX = 'portal';

/** Words that cannot name a function in strict code, and `then`, which would make a promise of what has it. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch then this throw true try typeof var void while with yield'
  ).split(' '),
);

/** An administrator's own names for tools of one portal. */
export class Aliases {
  readonly #aliases = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;

  /**
   * @param entries - aliases by `<server>.<tool>`, with the tool as its server names it
   * @throws InputError that names the entry which cannot be used
   */
  constructor(entries: Record<string, unknown>) {
    const tools = new Map<string, string>();
    for (const [tool, alias] of Object.entries(entries)) {
      if (!SERVER_NAME.test(tool.split('.')[0]) || !/\../.test(tool)) {
        throw new InputError(
          `"${tool}" is not <server>.<tool>, such as gitlab.list_projects`,
        );
      }
      const problem = problemOf(alias);
      if (problem) {
        throw new InputError(`The alias of "${tool}" ${problem}`);
      }
      const other = tools.get(alias as string);
      if (other !== undefined) {
        throw new InputError(
          `"${other}" and "${tool}" have the same alias "${alias}". Give one of them another`,
        );
      }
      tools.set(alias as string, tool);
      this.#aliases.set(tool, alias as string);
    }
    this.#taken = new Set(tools.keys());
  }

  /** The alias of a tool, if it has one. */
  aliasOf(tool: NamedDefinition): string | undefined {
    return this.#aliases.get(`${tool.server}.${tool.name}`);
  }

  /** Whether a name is the alias of some tool. */
  has(name: string): boolean {
    return this.#taken.has(name);
  }
}

/** What follows "The alias of …" when an alias cannot be used. */
function problemOf(alias: unknown): string | undefined {
  if (typeof alias !== 'string' || !/^[A-Za-z]\w*$/.test(alias)) {
    return 'has to begin with a letter, and to hold only letters, digits and "_"';
  }
  if (alias.length > MAX_NAME_LENGTH) {
    return `is longer than ${MAX_NAME_LENGTH} characters`;
  }
  if (RESERVED.has(alias) || alias in Object.prototype) {
    return `is "${alias}", which has a meaning of its own in JavaScript`;
  }
  if (alias.startsWith(`${PORTAL_PREFIX}_`)) {
    return `begins with "${PORTAL_PREFIX}_", as only tools of the portal itself do`;
  }
  if (HASH_SUFFIX.test(alias)) {
    return 'ends with "_" and eight hex digits, as only names that the portal makes do';
  }
  return undefined;
}
