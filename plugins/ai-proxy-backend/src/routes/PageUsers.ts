import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import type {
  AdminPermissions,
  AgentAuthService,
  AgentUser,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';

/** Who uses the pages, and what they are permitted there. */
export class PageUsers {
  readonly #options: {
    httpAuth: HttpAuthService;
    admins: AdminPermissions;
    agentAuth: Pick<AgentAuthService, 'userOf'>;
  };

  constructor(options: {
    httpAuth: HttpAuthService;
    admins: AdminPermissions;
    agentAuth: Pick<AgentAuthService, 'userOf'>;
  }) {
    this.#options = options;
  }

  /** @throws AuthenticationError or NotAllowedError when no user is signed in; agents are none */
  async of(request: Request): Promise<AgentUser> {
    return this.#userOf(await this.#credentialsOf(request));
  }

  /** @throws NotAllowedError when nobody decided that the user may do this */
  async authorize(
    request: Request,
    permission: BasicPermission,
  ): Promise<AgentUser> {
    const credentials = await this.#credentialsOf(request);
    await this.#options.admins.assertGiven(permission, credentials);
    return this.#userOf(credentials);
  }

  #userOf({
    principal,
  }: BackstageCredentials<BackstageUserPrincipal>): Promise<AgentUser> {
    return this.#options.agentAuth.userOf(principal.userEntityRef);
  }

  #credentialsOf(request: Request) {
    return this.#options.httpAuth.credentials(request, { allow: ['user'] });
  }
}
