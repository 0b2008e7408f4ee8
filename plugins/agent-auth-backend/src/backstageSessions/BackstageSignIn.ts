import { createHash, randomBytes } from 'node:crypto';
import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';

/** Tokens of the auth backend. */
export interface BackstageTokens {
  /** A full user token. It never leaves this backend. */
  userToken: string;
  /** Can be used once. */
  refreshToken: string;
}

const TIMEOUT_MS = 15_000;

/**
 * Signs this backend in at Backstage's auth backend on behalf of a user, as an
 * OAuth client that describes itself by a document (CIMD).
 *
 * The user approves on our page, with their own session; that approval is
 * handed on here, so there is no second click.
 */
export class BackstageSignIn {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #clientId: string;
  readonly #redirectUri: string;

  /**
   * @param options.clientId - URL at which {@link clientDocument} is served
   * @param options.redirectUri - never visited: the code is taken from the answer to our own
   *   request. It belongs to this backend, so that nobody gets a code who sends a user to
   *   Backstage's consent page in our name.
   */
  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    clientId: string;
    redirectUri: string;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#clientId = options.clientId;
    this.#redirectUri = options.redirectUri;
  }

  /** The document at the client id. */
  clientDocument(): object {
    return {
      client_id: this.#clientId,
      client_name: 'Agent access',
      redirect_uris: [this.#redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      scope: 'openid offline_access',
    };
  }

  /**
   * Signs in for the user of these credentials.
   *
   * @throws ServiceUnavailableError when the auth backend does not let us, with the setting to change
   */
  async signIn(credentials: BackstageCredentials): Promise<BackstageTokens> {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(16).toString('base64url');
    const parameters = new URLSearchParams({
      client_id: this.#clientId,
      redirect_uri: this.#redirectUri,
      response_type: 'code',
      scope: 'openid offline_access',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const started = await this.#fetch(`/v1/authorize?${parameters}`, {
      redirect: 'manual',
    });
    const location = started.headers.get('location');
    const session = location?.match(/\/oauth2\/authorize\/([\w-]+)$/)?.[1];
    if (!session) {
      throw new ServiceUnavailableError(
        `Backstage's auth backend does not accept this plugin as a client. An administrator has to set auth.clientIdMetadataDocuments.enabled to true, add ${
          this.#clientId
        } to auth.clientIdMetadataDocuments.allowedClientIdPatterns and ${
          this.#redirectUri
        } to its allowedRedirectUriPatterns, and make sure that the backend reaches itself there (${
          (location &&
            new URL(location).searchParams.get('error_description')) ||
          `status ${started.status}`
        })`,
      );
    }
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: credentials,
      targetPluginId: 'auth',
    });
    const approved = await this.#fetch(`/v1/sessions/${session}/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    if (!approved.ok) {
      throw new ServiceUnavailableError(
        `Backstage's auth backend refused to sign this plugin in (status ${approved.status})`,
      );
    }
    const { redirectUrl } = (await approved.json()) as { redirectUrl: string };
    const answer = new URL(redirectUrl).searchParams;
    if (answer.get('state') !== state) {
      throw new ServiceUnavailableError(
        "Backstage's auth backend answered another request",
      );
    }
    const tokens = await this.#token({
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: this.#redirectUri,
      code_verifier: verifier,
    });
    if (!tokens) {
      throw new ServiceUnavailableError(
        "Backstage's auth backend refused its own code",
      );
    }
    return tokens;
  }

  /**
   * Exchanges a refresh token for new tokens.
   *
   * @throws AuthenticationError when the session has ended or the user has left
   */
  async refresh(refreshToken: string): Promise<BackstageTokens> {
    const tokens = await this.#token({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    if (!tokens) {
      throw new AuthenticationError(
        'The sign-in of this user in the portal has ended. Connect the client again',
      );
    }
    return tokens;
  }

  /** Ends the session of a refresh token. Does what it can: it expires by itself as well. */
  async revoke(refreshToken: string): Promise<void> {
    await this.#fetch('/v1/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: refreshToken, client_id: this.#clientId }),
    }).catch(() => {});
  }

  /** @returns undefined when the grant is refused */
  async #token(
    body: Record<string, string>,
  ): Promise<BackstageTokens | undefined> {
    const response = await this.#fetch('/v1/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status === 400) {
      return undefined;
    }
    if (!response.ok) {
      throw new ServiceUnavailableError(
        `Backstage's auth backend gives out no tokens now (status ${response.status})`,
      );
    }
    const tokens = await response.json();
    if (!tokens.refresh_token) {
      throw new ServiceUnavailableError(
        "Backstage's auth backend gives out no refresh tokens. An administrator has to set auth.experimentalRefreshToken.enabled to true",
      );
    }
    return {
      userToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
    };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = `${await this.#discovery.getBaseUrl('auth')}${path}`;
    try {
      return await fetch(url, {
        ...init,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new ServiceUnavailableError(
        "Backstage's auth backend does not answer",
        error,
      );
    }
  }
}
