import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';
import { AdminPermissions } from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';

/** A user who is signed in to Backstage. */
export type UserCredentials = BackstageCredentials<BackstageUserPrincipal>;

/** A user, or a service that has a token from the configuration of Backstage. */
export type UserOrServiceCredentials = BackstageCredentials<
  BackstageUserPrincipal | BackstageServicePrincipal
>;

/** What {@link PageUsers} is made with. */
export interface PageUsersOptions {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  config: Config;
}

/** Who uses the pages of the portal, and what they are permitted there. */
export class PageUsers {
  readonly #options: PageUsersOptions;
  readonly #admins: AdminPermissions;

  constructor(options: PageUsersOptions) {
    this.#options = options;
    this.#admins = new AdminPermissions(options);
  }

  /** @throws AuthenticationError or NotAllowedError when no user is signed in; agents are none */
  async of(request: Request): Promise<UserCredentials> {
    return this.#options.httpAuth.credentials(request, { allow: ['user'] });
  }

  /** For what also runs unattended. @throws AuthenticationError or NotAllowedError when it is neither a user nor a service */
  async orServiceOf(request: Request): Promise<UserOrServiceCredentials> {
    return this.#options.httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
  }

  /** Whether Backstage permits it, which without `permission.enabled` it always does. */
  async isPermitted(
    user: UserOrServiceCredentials,
    permission: BasicPermission,
  ): Promise<boolean> {
    const [decision] = await this.#options.permissions.authorize(
      [{ permission }],
      { credentials: user },
    );
    return decision.result === AuthorizeResult.ALLOW;
  }

  /** @throws NotAllowedError when Backstage does not permit it */
  async assertPermitted(
    user: UserOrServiceCredentials,
    permission: BasicPermission,
  ): Promise<void> {
    if (!(await this.isPermitted(user, permission))) {
      throw new NotAllowedError(`This needs the permission ${permission.name}`);
    }
  }

  /** Whether somebody decided that this user may do what not everybody should. */
  async isTrustedWith(
    user: UserCredentials,
    permission: BasicPermission,
  ): Promise<boolean> {
    return this.#admins.isGiven(permission, user);
  }

  /** @throws NotAllowedError when nobody decided that this user or service may do all of that */
  async assertTrustedWith(
    user: UserOrServiceCredentials,
    ...permissions: BasicPermission[]
  ): Promise<void> {
    for (const permission of permissions) {
      await this.#admins.assertGiven(permission, user);
    }
  }
}
