import { NotAllowedError } from '@backstage/errors';
import type { ServerRecord } from './ServerRecord';

/** A signed-in user who acts on the registry. */
export interface RegistryUser {
  uuid: string;
  /** Full entity ref. Never stored. */
  entityRef: string;
  /** Full entity refs of all groups, nested ones too. */
  teams: string[];
}

/**
 * The rule of the second person: who proposed a server, or owns it, does not
 * decide on it. Owners of the last weeks count too, so that nobody becomes
 * impartial by editing the entity.
 *
 * @throws NotAllowedError when the user is not impartial
 */
export function assertSecondPerson(
  server: Pick<
    ServerRecord,
    'name' | 'proposedBy' | 'catalog' | 'formerOwners'
  >,
  user: RegistryUser,
): void {
  if (server.proposedBy === user.uuid) {
    throw new NotAllowedError(
      `You proposed ${server.name}; someone else has to decide on it`,
    );
  }
  const refs = new Set([user.entityRef, ...user.teams].map(inLowerCase));
  const isOwner = server.catalog.owners.some(ref => refs.has(inLowerCase(ref)));
  if (isOwner) {
    throw new NotAllowedError(
      `You own ${server.name}, or are in the group that does; someone else has to decide on it`,
    );
  }
  const wasOwner = server.formerOwners.some(
    ({ ref, until }) =>
      refs.has(inLowerCase(ref)) && Date.parse(until) > Date.now(),
  );
  if (wasOwner) {
    throw new NotAllowedError(
      `You or your group owned ${server.name} until recently; someone else has to decide on it`,
    );
  }
}

function inLowerCase(ref: string): string {
  return ref.toLocaleLowerCase('en-US');
}
