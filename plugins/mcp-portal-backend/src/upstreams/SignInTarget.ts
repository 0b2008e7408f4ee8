import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { UpstreamServer } from '../credentials';

/** A server as signing in there has to know it. */
export type SignInTarget = UpstreamServer;

/** The remote at which a server is called. */
export function preferredRemote(remotes: ServerRemote[]): ServerRemote {
  return remotes.find(({ type }) => type === 'streamable-http') ?? remotes[0];
}

/** Where to sign in to call a server. */
export function signInTarget(server: {
  entityRef: string;
  name: string;
  /** At least one. */
  remotes: ServerRemote[];
}): SignInTarget {
  const { entityRef, name, remotes } = server;
  return { entityRef, name, url: preferredRemote(remotes).url };
}
