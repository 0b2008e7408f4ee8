import { InputError, NotFoundError } from '@backstage/errors';
import type { BasicPermission } from '@backstage/plugin-permission-common';
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
import type { PageUsers, UserCredentials } from './PageUsers';

/** What decides who sees and does what in the registry. */
export interface RegistryAccessOptions {
  users: PageUsers;
  /** Who a page user is. */
  principalOf(credentials: UserCredentials): Promise<RegistryUser>;
  catalog: CatalogServers;
  servers: ServerStore;
}

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
    const credentials = await options.users.of(request);
    const access = RegistryAccess.as(options, credentials);
    await access.authorize(mcpPortalServersReadPermission);
    return access;
  }

  /** For who is known already, whether that user may see the registry or not. */
  static as(
    options: RegistryAccessOptions,
    credentials: UserCredentials,
  ): RegistryAccess {
    return new RegistryAccess(options, credentials);
  }

  async user(): Promise<RegistryUser> {
    return this.#options.principalOf(this.#credentials);
  }

  /** @throws NotAllowedError without the permission */
  async authorize(permission: BasicPermission): Promise<void> {
    await this.#options.users.assertPermitted(this.#credentials, permission);
  }

  /** Lets only those in who may decide on servers. @throws NotAllowedError */
  async authorizeApprover(): Promise<RegistryUser> {
    await this.#options.users.assertTrustedWith(
      this.#credentials,
      mcpPortalServersApprovePermission,
    );
    return this.user();
  }

  async isApprover(): Promise<boolean> {
    return this.#options.users.isTrustedWith(
      this.#credentials,
      mcpPortalServersApprovePermission,
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
      ({ entityRef, absentSince }) =>
        readable.has(entityRef) || (seesAbsent && absentSince !== undefined),
    );
  }
}
