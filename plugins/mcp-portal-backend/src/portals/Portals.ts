import { NotAllowedError, NotFoundError } from '@backstage/errors';
import type { Caller } from '../callers/Caller';
import type { Portal } from './Portal';

/** The portals of this deployment, and who may enter them. */
export class Portals {
  readonly #portals: ReadonlyMap<string, Portal>;

  constructor(portals: Portal[]) {
    this.#portals = new Map(portals.map(portal => [portal.name, portal]));
  }

  all(): Portal[] {
    return [...this.#portals.values()];
  }

  /** @throws NotFoundError */
  get(name: string): Portal {
    const portal = this.#portals.get(name);
    if (!portal) {
      throw new NotFoundError(
        'There is no such portal; look at the URL, or ask an administrator',
      );
    }
    return portal;
  }

  /** Whether somebody is among those for whom a portal is, whatever its conditions say now. */
  mayEnter(
    caller: Pick<Caller, 'kind' | 'entityRef' | 'teams'>,
    portal: Portal,
  ): boolean {
    return isAmong(caller, portal);
  }

  /** @throws NotAllowedError that says why the caller may not enter */
  admit(caller: Caller, portal: Portal, now = new Date()): void {
    if (!isAmong(caller, portal)) {
      throw new NotAllowedError(
        `The portal "${portal.name}" is not open to you; ask an administrator for access`,
      );
    }
    for (const condition of portal.conditions) {
      const refusal = condition(caller, now);
      if (refusal) {
        throw new NotAllowedError(
          `The portal "${portal.name}" cannot be used now: ${refusal}`,
        );
      }
    }
  }
}

function isAmong(
  caller: Pick<Caller, 'kind' | 'entityRef' | 'teams'>,
  { audience }: Portal,
): boolean {
  if (caller.kind === 'anonymous') {
    return audience.anonymous;
  }
  if (audience.everybody || audience.anonymous) {
    return true;
  }
  const named = caller.kind === 'user' ? audience.users : audience.services;
  return (
    (caller.entityRef !== undefined && named.has(caller.entityRef)) ||
    caller.teams.some(team => audience.groups.has(team))
  );
}
