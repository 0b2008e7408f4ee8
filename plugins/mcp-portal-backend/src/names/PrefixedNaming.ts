import type { Aliases } from './Aliases';
import { exposedName, suffixedName } from './identifiers';
import type { NamedDefinition, NamingStrategy } from './NamingStrategy';
import { exposedUri, upstreamUri } from './resourceUris';

/** Names that begin with their server, for portals of any number of servers. */
export class PrefixedNaming implements NamingStrategy {
  readonly #aliases: Aliases;

  /** @param options.aliases - an administrator's own names for tools */
  constructor(options: { aliases: Aliases }) {
    this.#aliases = options.aliases;
  }

  /** The alias, or else {@link exposedName}; with suffix if that is the alias of another tool. */
  toolName(tool: NamedDefinition): string {
    const alias = this.#aliases.aliasOf(tool);
    if (alias !== undefined) {
      return alias;
    }
    const name = exposedName(tool.server, tool.name);
    return this.#aliases.has(name)
      ? suffixedName(tool.server, tool.name)
      : name;
  }

  promptName(prompt: NamedDefinition): string {
    return exposedName(prompt.server, prompt.name);
  }

  resourceUri(server: string, uri: string): string {
    return exposedUri(server, uri);
  }

  resourceOf(uri: string, servers: readonly string[]) {
    const upstream = upstreamUri(uri);
    const [server, ...others] = servers.filter(
      name => name.toLocaleLowerCase('en-US') === upstream?.prefix,
    );
    return upstream && server !== undefined && !others.length
      ? { server, uri: upstream.uri }
      : undefined;
  }
}
