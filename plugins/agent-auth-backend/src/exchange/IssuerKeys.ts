import { ServiceUnavailableError } from '@backstage/errors';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  JWTVerifyGetKey,
  RemoteJWKSet,
} from 'jose';
import { readFile, stat } from 'node:fs/promises';
import { fetchSmall } from './fetchSmall';
import { isSafeUrl } from './safeUrl';
import type { TrustedIssuer } from './TrustedIssuer';

/** How long an issuer may take to answer. */
const TIMEOUT_MS = 5_000;

/** How long an issuer that does not answer is left alone, so that strangers' requests do not pile up at it. */
const RETRY_MS = 2_000;

const DISCOVERY_MS = 60 * 60 * 1000;

/** Whose keys they are, and where. */
type KeyOwner = Pick<TrustedIssuer, 'name' | 'issuer' | 'jwksUri' | 'jwksFile'>;

/** The public keys of one issuer. */
export class IssuerKeys {
  readonly #issuer: KeyOwner;
  readonly #cooldownMs: number;
  #discovery?: { url: Promise<string>; untilMs: number };
  #remote?: { url: string; keys: RemoteJWKSet };
  #file?: { version: string; keys: JWTVerifyGetKey };
  #failure?: { error: unknown; untilMs: number };

  /**
   * @param options.cooldownMs - how often at most keys are read anew because a token names one that is not known
   */
  constructor(issuer: KeyOwner, options: { cooldownMs: number }) {
    this.#issuer = issuer;
    this.#cooldownMs = options.cooldownMs;
  }

  /**
   * The key that a token is signed with, as far as its header tells: an id
   * and an algorithm. Keys and addresses in the header are not looked at.
   *
   * @throws ServiceUnavailableError when the keys cannot be read
   * @throws JOSEError when there is no such key, or several could be meant
   */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    try {
      const keys = await this.#keys();
      return await keys(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys
      ) {
        throw error;
      }
      throw new ServiceUnavailableError(
        `The keys of the issuer ${
          this.#issuer.name
        } cannot be read, so its tokens cannot be checked; try again later`,
        error,
      );
    }
  };

  async #keys(): Promise<JWTVerifyGetKey> {
    const { jwksFile, jwksUri } = this.#issuer;
    if (jwksFile) {
      return await this.#keysInFile(jwksFile);
    }
    const url = jwksUri ?? (await this.#discoveredUrl());
    if (this.#remote?.url !== url) {
      this.#remote = {
        url,
        keys: createRemoteJWKSet(new URL(url), {
          timeoutDuration: TIMEOUT_MS,
          cooldownDuration: this.#cooldownMs,
          [customFetch]: (address, { signal, headers }) =>
            this.#fetch(address, { signal, headers }),
        }),
      };
    }
    return this.#remote.keys;
  }

  async #keysInFile(path: string): Promise<JWTVerifyGetKey> {
    const { mtimeMs, size, ino } = await stat(path);
    const version = `${mtimeMs} ${size} ${ino}`;
    if (this.#file?.version !== version) {
      const keys = createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')));
      this.#file = { version, keys };
    }
    return this.#file.keys;
  }

  #discoveredUrl(): Promise<string> {
    if (!this.#discovery || this.#discovery.untilMs <= Date.now()) {
      const discovery = {
        url: this.#discover(),
        untilMs: Date.now() + DISCOVERY_MS,
      };
      discovery.url.catch(() => {
        discovery.untilMs = 0;
      });
      this.#discovery = discovery;
    }
    return this.#discovery.url;
  }

  /** OpenID Connect Discovery 1.0, section 4. */
  async #discover(): Promise<string> {
    const { issuer } = this.#issuer;
    const address = `${issuer.replace(
      /\/$/,
      '',
    )}/.well-known/openid-configuration`;
    const response = await this.#fetch(address, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) {
      throw new Error(`${address} answered with HTTP ${response.status}`);
    }
    const document = await response.json();
    if (document?.issuer !== issuer) {
      throw new Error(`${address} is not about ${issuer}`);
    }
    if (
      typeof document.jwks_uri !== 'string' ||
      !isSafeUrl(document.jwks_uri)
    ) {
      throw new Error(`${address} has no jwks_uri with https`);
    }
    return document.jwks_uri;
  }

  async #fetch(
    url: string,
    options: { signal: AbortSignal; headers?: Headers },
  ): Promise<Response> {
    if (this.#failure && this.#failure.untilMs > Date.now()) {
      throw this.#failure.error;
    }
    try {
      const response = await fetchSmall(url, options);
      this.#failure = undefined;
      return response;
    } catch (error) {
      this.#failure = { error, untilMs: Date.now() + RETRY_MS };
      throw error;
    }
  }
}
