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
 * Two tools of one server that get the same name (the server repeats itself, or
 * somebody worked to make 32 bits of SHA-256 collide) are both left out: nobody
 * could tell which one is called.
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

function byName<T>(
  definitions: readonly T[],
  nameOf: (definition: T) => string,
): Map<string, T> {
  const named = new Map<string, T>();
  const ambiguous = new Set<string>();
  for (const definition of definitions) {
    const name = nameOf(definition);
    if (named.has(name)) {
      ambiguous.add(name);
    }
    named.set(name, definition);
  }
  for (const name of ambiguous) {
    named.delete(name);
  }
  return named;
}
