import type {
  RegisteredServer,
  ServerRemote,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { ServedDefinition } from '../../definitions';

/** An approved server with everything that is served of it. Frozen. */
export interface ServedServer extends RegisteredServer {
  /** Those that were approved. */
  remotes: ServerRemote[];
  /** Full entity refs. */
  owners: string[];
  system?: string;
  domain?: string;
  tags: string[];
  lifecycle: string;
  /** Since when the catalog does not have it, ISO 8601; served all the same until that is certain. */
  absentSince?: string;
  /** Of the entity, those below `prompt-corner.dev/`. */
  annotations: Record<string, string>;
  /** By the server's own name of the tool. */
  tools: ReadonlyMap<string, ServedDefinition>;
  prompts: ReadonlyMap<string, ServedDefinition>;
  /** By URI template. */
  resourceTemplates: ReadonlyMap<string, ServedDefinition>;
}

/** What is served at one moment. Never changes; there is a new one after each change. */
export interface RegistrySnapshot {
  /** Of the registry: differs whenever anything in it does. */
  version: number;
  /** By name. */
  servers: ReadonlyMap<string, ServedServer>;
}
