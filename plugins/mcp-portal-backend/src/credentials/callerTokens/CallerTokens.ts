import { randomUUID } from 'node:crypto';
import { NotAllowedError } from '@backstage/errors';
import type { RotatingKeys } from '@prompt-corner/encryption';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { Caller } from '../../callers/Caller';

/** Whoever gets such a token can use it at that one server, and no longer. */
const LIFETIME_SECONDS = 120;

/** How soon a replica notices a new key; it is announced for a day. */
const KEYS_AGE_MS = 60_000;

interface Keys {
  signer: { key: Awaited<ReturnType<typeof importJWK>>; kid: string };
  published: JWK[];
}

/**
 * Signs short tokens that tell a server who is calling (JWT access tokens, RFC
 * 9068). Servers verify them with the public keys.
 */
export class CallerTokens {
  readonly #issuer: string;
  readonly #keys: RotatingKeys;
  #current?: Promise<Keys>;
  #readAt = 0;

  /** @param options.issuer - external base URL of the plugin */
  constructor(options: { issuer: string; keys: RotatingKeys }) {
    this.#issuer = options.issuer;
    this.#keys = options.keys;
  }

  /**
   * A token for one server.
   *
   * @param options.audience - of the server
   * @param options.groupsClaim - claim in which the caller's teams are told; none by default
   * @throws NotAllowedError for an anonymous caller
   */
  async sign(
    caller: Caller,
    options: { audience: string; groupsClaim?: string },
  ): Promise<string> {
    if (caller.kind === 'anonymous') {
      throw new NotAllowedError(
        'This server has to know who is calling. Sign in to the portal',
      );
    }
    const { signer } = await this.#read();
    const { groupsClaim } = options;
    return new SignJWT({
      client_id: caller.client.id,
      scope: [...caller.scopes].join(' '),
      ...(groupsClaim && { [groupsClaim]: caller.teams }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signer.kid })
      .setIssuer(this.#issuer)
      .setSubject(caller.uuid)
      .setAudience(options.audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .setJti(randomUUID())
      .sign(signer.key);
  }

  /** The public keys, as a JSON Web Key Set. */
  async publicKeys(): Promise<{ keys: JWK[] }> {
    return { keys: (await this.#read()).published };
  }

  async #read(): Promise<Keys> {
    if (!this.#current || Date.now() - this.#readAt > KEYS_AGE_MS) {
      this.#readAt = Date.now();
      this.#current = this.#load();
      this.#current.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #load(): Promise<Keys> {
    let secrets = await this.#keys.current();
    if (!secrets.length) {
      await this.#keys.rotate();
      secrets = await this.#keys.current();
    }
    const keys = secrets.map(secret => JSON.parse(secret) as JWK);
    return {
      signer: { key: await importJWK(keys[0], 'ES256'), kid: keys[0].kid! },
      published: keys.map(({ d: _private, ...published }) => published),
    };
  }
}
