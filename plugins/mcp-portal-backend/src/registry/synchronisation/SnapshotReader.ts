import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { ServerSnapshot } from '../../definitions';

/** Asks a server what it offers. Contacts exactly the given remotes. */
export interface SnapshotReader {
  read(
    server: { entityRef: string; name: string; remotes: ServerRemote[] },
    options: { signal: AbortSignal },
  ): Promise<ServerSnapshot>;
}
