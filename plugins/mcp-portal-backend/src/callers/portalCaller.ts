import type { AuthService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { Caller } from './Caller';

/** What is the same of the portal for whomever it looks at servers. */
const PORTAL = {
  teams: [],
  client: { id: 'prompt-corner', name: 'Prompt Corner' },
  scopes: new Set(['tools:read']),
  claims: {},
  network: { names: [], device: {} },
} satisfies Partial<Caller>;

/**
 * The portal itself, when it looks at what servers offer. It has no user's
 * credential, and uses no tool.
 */
export function portalCaller(options: { auth: AuthService }): Caller {
  return {
    ...PORTAL,
    kind: 'service',
    uuid: 'portal',
    backstageCredentials: () => options.auth.getOwnServiceCredentials(),
  };
}

/**
 * The portal when it looks at a server with the connection of a user, who has
 * let it: it can do nothing else for the user.
 */
export function portalActingFor(uuid: string): Caller {
  return {
    ...PORTAL,
    kind: 'user',
    uuid,
    async backstageCredentials() {
      throw new NotAllowedError('The portal acts at servers only');
    },
  };
}
