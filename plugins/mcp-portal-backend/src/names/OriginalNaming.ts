import type { NamedDefinition, NamingStrategy } from './NamingStrategy';

/** Names and URIs as the server has them, for a portal of exactly one server. */
export class OriginalNaming implements NamingStrategy {
  toolName(tool: NamedDefinition): string {
    return tool.name;
  }

  promptName(prompt: NamedDefinition): string {
    return prompt.name;
  }

  resourceUri(_server: string, uri: string): string {
    return uri;
  }

  resourceOf(uri: string, servers: readonly string[]) {
    return servers.length === 1 ? { server: servers[0], uri } : undefined;
  }
}
