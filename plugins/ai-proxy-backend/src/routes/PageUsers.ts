import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';
import type {
  AgentAuthService,
  AgentUser,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';

/** Who uses the pages, and what they are permitted there. */
export class PageUsers {
  readonly #options: {
    httpAuth: HttpAuthService;
    permissions: PermissionsService;
    agentAuth: Pick<AgentAuthService, 'userOf'>;
    permissionsEnabled: boolean;
  };

  /** @param options.permissionsEnabled - whether a policy of Backstage decides at all; without one nobody administers anything */
  constructor(options: {
    httpAuth: HttpAuthService;
    permissions: PermissionsService;
    agentAuth: Pick<AgentAuthService, 'userOf'>;
    permissionsEnabled: boolean;
  }) {
    this.#options = options;
  }

  /** @throws AuthenticationError or NotAllowedError when no user is signed in; agents are none */
  async of(request: Request): Promise<AgentUser> {
    const { httpAuth, agentAuth } = this.#options;
    const { principal } = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    return agentAuth.userOf(principal.userEntityRef);
  }

  /** @throws NotAllowedError when nobody decided that the user may do this */
  async authorize(
    request: Request,
    permission: BasicPermission,
  ): Promise<AgentUser> {
    const { httpAuth, permissions, permissionsEnabled } = this.#options;
    const credentials = await httpAuth.credentials(request, {
      allow: ['user'],
    });
    const [{ result }] = await permissions.authorize([{ permission }], {
      credentials,
    });
    if (!permissionsEnabled || result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `This needs the permission ${permission.name}. Ask the administrators of the portal`,
      );
    }
    return this.of(request);
  }
}
