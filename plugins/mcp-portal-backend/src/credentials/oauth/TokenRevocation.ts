import type { LoggerService } from '@backstage/backend-plugin-api';
import type { AuthorizationServer } from './AuthorizationServers';
import { authenticate, type Fetch, type OAuthClient } from './requestToken';
import type { StoredTokens } from './UserCredentialStore';

/** Ends tokens where they come from (RFC 7009). */
export class TokenRevocation {
  readonly #fetch: Fetch;
  readonly #logger: LoggerService;

  constructor(options: { fetch: Fetch; logger: LoggerService }) {
    this.#fetch = options.fetch;
    this.#logger = options.logger;
  }

  /** Does what it can: the portal has forgotten the tokens in any case. */
  async revoke(
    at: AuthorizationServer,
    client: OAuthClient,
    { accessToken, refreshToken }: StoredTokens,
  ): Promise<void> {
    const { revocationEndpoint } = at;
    if (!revocationEndpoint) {
      return;
    }
    const body = new URLSearchParams({
      token: refreshToken ?? accessToken,
      token_type_hint: refreshToken ? 'refresh_token' : 'access_token',
    });
    try {
      const response = await this.#fetch(revocationEndpoint, {
        method: 'POST',
        headers: authenticate(client, body),
        body,
        redirect: 'manual',
      });
      await response.body?.cancel();
    } catch (error) {
      this.#logger.info(
        `Tokens could not be revoked at ${at.issuer}: ${error}`,
      );
    }
  }
}
