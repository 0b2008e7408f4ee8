import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { ServerSnapshot } from '../../definitions';

/** Asks a server what it offers. Contacts exactly the given remotes. */
export interface SnapshotReader {
  /**
   * @param options.as - UUID of the user as whom to sign in, where each user does
   * @throws PortalUnavailableError when the portal itself cannot ask now
   * @throws whatever the server or the way to it got wrong
   */
  read(
    server: { entityRef: string; name: string; remotes: ServerRemote[] },
    options: { signal: AbortSignal; as?: string },
  ): Promise<ServerSnapshot>;
}
