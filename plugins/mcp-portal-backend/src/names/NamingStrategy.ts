import { suffixedName } from './identifiers';

/** A tool or prompt, by its server and by the name that the server gave it. */
export interface NamedDefinition {
  server: string;
  name: string;
}

/** How what servers offer is named in a portal. */
export interface NamingStrategy {
  /** Depends on nothing but the server, the tool and the configuration. */
  toolName(tool: NamedDefinition): string;
  /** Names of prompts are apart from those of tools. */
  promptName(prompt: NamedDefinition): string;
  /** Of a resource, or of a template of resources. */
  resourceUri(server: string, uri: string): string;
  /**
   * Whose resource it is that a client asks for, and the server's own URI.
   *
   * @param uri - as the client sent it
   * @param servers - names of the portal's servers
   * @returns undefined when it is no resource of these servers
   */
  resourceOf(
    uri: string,
    servers: readonly string[],
  ): { server: string; uri: string } | undefined;
}

/**
 * The tools of a portal by the names that its clients see.
 *
 * Of tools of one server that get the same name (`get-sum` and `get_sum`), the
 * one that is really called so keeps it, and the others get a suffix. Where a
 * server repeats itself, all are left out: nobody could tell which one is called.
 */
export function toolNames<T extends NamedDefinition>(
  tools: readonly T[],
  naming: NamingStrategy,
): Map<string, T> {
  return byName(tools, tool => naming.toolName(tool));
}

/** The prompts of a portal by the names that its clients see, as {@link toolNames}. */
export function promptNames<T extends NamedDefinition>(
  prompts: readonly T[],
  naming: NamingStrategy,
): Map<string, T> {
  return byName(prompts, prompt => naming.promptName(prompt));
}

function byName<T extends NamedDefinition>(
  definitions: readonly T[],
  nameOf: (definition: T) => string,
): Map<string, T> {
  const counts = countedBy(definitions, nameOf);
  const distinctNameOf = (definition: T) => {
    const name = nameOf(definition);
    const { server, name: own } = definition;
    return counts.get(name) === 1 || name === `${server}_${own}`
      ? name
      : suffixedName(server, own);
  };
  const distinct = countedBy(definitions, distinctNameOf);
  return new Map(
    definitions
      .map(definition => [distinctNameOf(definition), definition] as const)
      .filter(([name]) => distinct.get(name) === 1),
  );
}

function countedBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
