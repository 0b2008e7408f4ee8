import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';
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
  /** Whether a policy decides on permissions at all. */
  permissionsEnabled: boolean;
}

/** Who uses the pages of the portal, and what they are permitted there. */
export class PageUsers {
  readonly #options: PageUsersOptions;

  constructor(options: PageUsersOptions) {
    this.#options = options;
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
    return (
      this.#options.permissionsEnabled &&
      (await this.isPermitted(user, permission))
    );
  }

  /**
   * For a service, the restrictions of its access have to name the permissions: other plugins, and
   * tokens without restrictions, are permitted everything, which nobody decided for what is asked here.
   *
   * @throws NotAllowedError when nobody decided that this user or service may do all of that
   */
  async assertTrustedWith(
    user: UserOrServiceCredentials,
    ...permissions: BasicPermission[]
  ): Promise<void> {
    for (const permission of permissions) {
      if (!this.#options.permissionsEnabled) {
        throw new NotAllowedError(
          `This needs permission.enabled, and a policy that permits ${permission.name}`,
        );
      }
      const { principal } = user;
      if (
        principal.type === 'service' &&
        !principal.accessRestrictions?.permissionNames?.includes(
          permission.name,
        )
      ) {
        throw new NotAllowedError(
          `A service needs the permission ${permission.name} by name, in the accessRestrictions of its backend.auth.externalAccess`,
        );
      }
      await this.assertPermitted(user, permission);
    }
  }
}
