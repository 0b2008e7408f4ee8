import type { ResolvedPrincipal } from '@prompt-corner/plugin-agent-auth-common';

/** A user, or a catalog entity that a service stands for. */
export interface PrincipalName {
  kind: 'user' | 'service';
  /** Full entity ref in lower case. */
  entityRef: string;
}

/** Keeps the UUID of each user and service. None is ever changed or removed. */
export interface PrincipalStore {
  /**
   * The principal with this entity ref, with a new UUID if it has none yet.
   * Concurrent calls, from other processes too, get the same one. Its kind is
   * the one with which it was first seen.
   */
  getOrCreate(name: PrincipalName): Promise<ResolvedPrincipal>;
  /** Those of the given UUIDs that are known. */
  find(uuids: string[]): Promise<ResolvedPrincipal[]>;
  /** @param entityRef - full, in lower case */
  findByRef(entityRef: string): Promise<ResolvedPrincipal | undefined>;
}
