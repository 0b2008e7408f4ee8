import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';

/**
 * Permissions for what not everybody should do: they are given where somebody decided so.
 * Without `permission.enabled` Backstage permits everything to everybody; to other plugins,
 * and to services whose access has no restrictions, it always does.
 *
 * @public
 */
export class AdminPermissions {
  readonly #permissions: PermissionsService;
  readonly #isEnabled: boolean;

  /** @param options - `config`: of the backend */
  constructor(options: { permissions: PermissionsService; config: Config }) {
    this.#permissions = options.permissions;
    this.#isEnabled =
      options.config.getOptionalBoolean('permission.enabled') ?? false;
  }

  /** Whether a user or service was given a permission; a service, by name in the restrictions of its access. */
  async isGiven(
    permission: BasicPermission,
    credentials: BackstageCredentials<
      BackstageUserPrincipal | BackstageServicePrincipal
    >,
  ): Promise<boolean> {
    return (await this.#objection(permission, credentials)) === undefined;
  }

  /**
   * Fails where it was not given.
   *
   * @throws NotAllowedError that says what is missing
   */
  async assertGiven(
    permission: BasicPermission,
    credentials: BackstageCredentials<
      BackstageUserPrincipal | BackstageServicePrincipal
    >,
  ): Promise<void> {
    const objection = await this.#objection(permission, credentials);
    if (objection) {
      throw new NotAllowedError(objection);
    }
  }

  async #objection(
    permission: BasicPermission,
    credentials: BackstageCredentials<
      BackstageUserPrincipal | BackstageServicePrincipal
    >,
  ): Promise<string | undefined> {
    if (!this.#isEnabled) {
      return `This needs permission.enabled, and a policy that permits ${permission.name}`;
    }
    const { principal } = credentials;
    if (
      principal.type === 'service' &&
      !principal.accessRestrictions?.permissionNames?.includes(permission.name)
    ) {
      return `A service needs the permission ${permission.name} by name, in the accessRestrictions of its backend.auth.externalAccess`;
    }
    const [{ result }] = await this.#permissions.authorize([{ permission }], {
      credentials,
    });
    return result === AuthorizeResult.ALLOW
      ? undefined
      : `This needs the permission ${permission.name}`;
  }
}
