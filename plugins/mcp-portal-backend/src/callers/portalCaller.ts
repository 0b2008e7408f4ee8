import type { AuthService } from '@backstage/backend-plugin-api';
import type { Caller } from './Caller';

/**
 * The portal itself, when it looks at what servers offer. It has no user's
 * credential, and uses no tool.
 */
export function portalCaller(options: { auth: AuthService }): Caller {
  return {
    kind: 'service',
    uuid: 'portal',
    teams: [],
    client: { id: 'prompt-corner', name: 'Prompt Corner' },
    scopes: new Set(['tools:read']),
    claims: {},
    network: { names: [], device: {} },
    backstageCredentials: () => options.auth.getOwnServiceCredentials(),
  };
}
