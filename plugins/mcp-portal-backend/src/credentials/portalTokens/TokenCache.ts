import { NotAllowedError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { GivenTokens } from '../oauth';
import { TokenRefusedError } from '../oauth/requestToken';

const MAX_TOKENS = 10_000;

/** A token is replaced this long before it expires, so that a call does not come too late with it. */
const REPLACED_BEFORE_EXPIRY_MS = 30_000;

/** Of a token whose server does not say when it expires. */
const UNKNOWN_LIFETIME_MS = 5 * 60_000;

/** Tokens that are got again when they are gone, in memory only; each is asked for once at a time. */
export class TokenCache {
  readonly #tokens = new LRUCache<string, GivenTokens>({ max: MAX_TOKENS });
  readonly #requests = new Map<string, Promise<GivenTokens>>();

  /**
   * The token of a key.
   *
   * @param key - whose it is and for what: all that `request` depends on
   * @throws NotAllowedError when the authorization server refuses
   */
  async get(key: string, request: () => Promise<GivenTokens>): Promise<string> {
    const known = this.#tokens.get(key);
    if (known && endOf(known) - REPLACED_BEFORE_EXPIRY_MS > Date.now()) {
      return known.accessToken;
    }
    return (await this.#requestOnce(key, request)).accessToken;
  }

  /**
   * Forgets a token that was refused.
   *
   * @param refused - the token, when it is known
   * @returns false when there is none that could be better
   */
  forget(key: string, refused: string | undefined): boolean {
    const known = this.#tokens.get(key);
    if (known && refused !== undefined && known.accessToken !== refused) {
      return true;
    }
    const isNew =
      !known || Date.now() - known.issuedAt < REPLACED_BEFORE_EXPIRY_MS;
    this.#tokens.delete(key);
    return !isNew;
  }

  #requestOnce(
    key: string,
    request: () => Promise<GivenTokens>,
  ): Promise<GivenTokens> {
    const running = this.#requests.get(key);
    if (running) {
      return running;
    }
    const started = request()
      .then(token => {
        this.#tokens.set(key, token);
        return token;
      })
      .catch(error => {
        if (error instanceof TokenRefusedError) {
          throw new NotAllowedError(
            // Which authorization server it is, is nobody's business who calls.
            `The portal got no token for this server (${error.code}). An administrator has to look at its credentials`,
          );
        }
        throw error;
      })
      .finally(() => this.#requests.delete(key));
    this.#requests.set(key, started);
    return started;
  }
}

function endOf({ issuedAt, expiresAt }: GivenTokens): number {
  return expiresAt ?? issuedAt + UNKNOWN_LIFETIME_MS;
}
