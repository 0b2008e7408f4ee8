import type { AccessToken } from 'oidc-provider';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import { secondsUntil } from '../authorizationServer/AuthorizationServer';
import type { StoredConnection } from '../connections';

/** Issues access tokens that no OAuth request asked for in the usual way. */
export class AccessTokens {
  readonly #server: AuthorizationServer;

  constructor(options: { server: AuthorizationServer }) {
    this.#server = options.server;
  }

  /**
   * Issues a token of a connection to its one resource.
   *
   * @param lifetimeSeconds - default: as long as the connection lasts
   * @returns the token's value, which is stored nowhere, and what is known of it
   */
  async issue(
    connection: StoredConnection,
    lifetimeSeconds = secondsUntil(connection.expiresAt),
  ): Promise<{ value: string; token: AccessToken }> {
    const { provider } = this.#server;
    const [resource] = connection.resources;
    const client = await provider.Client.find(connection.client.id);
    await this.#server.grant(connection);
    const token = new provider.AccessToken({
      accountId: connection.principal,
      client: client!,
      grantId: connection.id,
      gty: connection.grantType,
      aud: resource.audience,
      scope: resource.scopes.join(' '),
      expiresIn: lifetimeSeconds,
    });
    return { value: await token.save(), token };
  }
}
