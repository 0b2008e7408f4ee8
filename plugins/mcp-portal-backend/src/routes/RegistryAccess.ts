import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';
import {
  mcpPortalServersApprovePermission,
  mcpPortalServersReadPermission,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Request } from 'express';
import {
  CatalogServers,
  RegistryUser,
  SERVER_NAME_PATTERN,
  ServerRecord,
  ServerStore,
} from '../registry';

/** What decides who sees and does what in the registry. */
export interface RegistryAccessOptions {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Whether permissions are decided by a policy at all. */
  permissionsEnabled: boolean;
  /** Who a page user is. */
  principalOf(
    credentials: BackstageCredentials<BackstageUserPrincipal>,
  ): Promise<RegistryUser>;
  catalog: CatalogServers;
  servers: ServerStore;
}

type UserCredentials = BackstageCredentials<BackstageUserPrincipal>;

/** One request of a signed-in user, and what that user may see and do. */
export class RegistryAccess {
  readonly #options: RegistryAccessOptions;
  readonly #credentials: UserCredentials;

  private constructor(
    options: RegistryAccessOptions,
    credentials: UserCredentials,
  ) {
    this.#options = options;
    this.#credentials = credentials;
  }

  /** @throws AuthenticationError or NotAllowedError when no user is signed in, or may not see the registry */
  static async of(
    options: RegistryAccessOptions,
    request: Request,
  ): Promise<RegistryAccess> {
    const credentials = await options.httpAuth.credentials(request, {
      allow: ['user'],
    });
    const access = new RegistryAccess(options, credentials);
    await access.authorize(mcpPortalServersReadPermission);
    return access;
  }

  async user(): Promise<RegistryUser> {
    return this.#options.principalOf(this.#credentials);
  }

  /** @throws NotAllowedError without the permission */
  async authorize(permission: BasicPermission): Promise<void> {
    if (!(await this.#isAllowed(permission))) {
      throw new NotAllowedError(`This needs the permission ${permission.name}`);
    }
  }

  /** Lets only those in who may decide on servers. @throws NotAllowedError */
  async authorizeApprover(): Promise<RegistryUser> {
    if (!this.#options.permissionsEnabled) {
      // Backstage allows everything then, to everybody.
      throw new NotAllowedError(
        'Deciding on MCP servers needs permission.enabled and a policy',
      );
    }
    await this.authorize(mcpPortalServersApprovePermission);
    return this.user();
  }

  async isApprover(): Promise<boolean> {
    return (
      this.#options.permissionsEnabled &&
      (await this.#isAllowed(mcpPortalServersApprovePermission))
    );
  }

  /**
   * The server of a path. Others than approvers see only what they may read in
   * the catalog, so to them a server that left it is gone.
   *
   * @throws InputError, NotFoundError
   */
  async server(name: string): Promise<ServerRecord> {
    if (!SERVER_NAME_PATTERN.test(name)) {
      throw new InputError(
        'The name of a server begins with a small letter, and has at most 24 letters and digits',
      );
    }
    const server = await this.#options.servers.getByName(name);
    const [visible] = await this.visible([server]);
    if (!visible) {
      throw new NotFoundError(`There is no server ${name.toLowerCase()}`);
    }
    return visible;
  }

  /** Those of some servers that the user may see. */
  async visible(servers: ServerRecord[]): Promise<ServerRecord[]> {
    const readable = await this.#options.catalog.readable(
      servers.map(({ entityRef }) => entityRef),
      this.#credentials,
    );
    const seesAbsent = await this.isApprover();
    return servers.filter(
      ({ entityRef, present }) =>
        readable.has(entityRef) || (!present && seesAbsent),
    );
  }

  async #isAllowed(permission: BasicPermission): Promise<boolean> {
    const [{ result }] = await this.#options.permissions.authorize(
      [{ permission }],
      { credentials: this.#credentials },
    );
    return result === AuthorizeResult.ALLOW;
  }
}
