import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { UserEntity } from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentClaims } from '@prompt-corner/plugin-agent-auth-node';
import { JWTPayload, jwtVerify } from 'jose';
import type { IdentityProviderConfig } from '../config';
import { IssuerKeys, SIGNATURE_ALGORITHMS } from '../exchange';

/** How often at most keys are read anew because a token names one that is not known. */
const KEYS_COOLDOWN_MS = 30_000;

/**
 * Verifies what the identity provider says about a sign-in. The browser hands
 * its ID token over, so nothing in it counts before its signature, its audience
 * and its owner have been checked.
 */
export class IdentityClaims {
  readonly #config?: IdentityProviderConfig;
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #keys?: IssuerKeys;

  constructor(options: {
    config: IdentityProviderConfig | undefined;
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
  }) {
    this.#config = options.config;
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
    this.#keys =
      options.config &&
      new IssuerKeys(
        { ...options.config, name: options.config.authProvider },
        { cooldownMs: KEYS_COOLDOWN_MS },
      );
  }

  /** Id of the auth provider whose ID token the page should send; undefined for none. */
  get authProvider(): string | undefined {
    return this.#config?.authProvider;
  }

  /**
   * The claims of a user's ID token; none when there is no token, or it is not
   * this user's. A policy that needs a claim then refuses.
   */
  async verify(
    idToken: string | undefined,
    userEntityRef: string,
  ): Promise<AgentClaims> {
    if (!this.#config || !this.#keys || !idToken) {
      return {};
    }
    try {
      const { payload } = await jwtVerify(idToken, this.#keys.get, {
        issuer: this.#config.issuer,
        audience: this.#config.audience,
        algorithms: SIGNATURE_ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
      });
      const user = (await this.#catalog.getEntityByRef(userEntityRef, {
        credentials: await this.#auth.getOwnServiceCredentials(),
      })) as UserEntity | undefined;
      const email = user?.spec.profile?.email;
      if (
        !email ||
        payload.email_verified === false ||
        String(payload.email).toLocaleLowerCase('en-US') !==
          email.toLocaleLowerCase('en-US')
      ) {
        throw new Error('its e-mail address is not that of the user');
      }
      return pickClaims(payload);
    } catch (error) {
      this.#logger.warn(
        `No claims of the identity provider were recorded, as its ID token was refused: ${stringifyError(
          error,
        )}`,
      );
      return {};
    }
  }
}

function pickClaims(payload: JWTPayload): AgentClaims {
  const { amr, acr, auth_time: authTime } = payload;
  return {
    ...(Array.isArray(amr) ? { amr: amr.map(String) } : {}),
    ...(typeof acr === 'string' ? { acr } : {}),
    ...(typeof authTime === 'number' ? { authTime } : {}),
  };
}
