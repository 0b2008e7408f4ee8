import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { AgentAuthenticationError } from '../challenge/errors';

/** Algorithms of proofs that are taken: all with a public key. @public */
export const DPOP_ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
];

/** How much the clocks of client and portal may differ, and how long a proof may travel. */
const MAX_AGE_SECONDS = 60;

/** A proof with an RSA key has about 2 kB. */
const MAX_PROOF_LENGTH = 8_192;

const MAX_ID_LENGTH = 256;

/** Of the two minutes in which a proof could be taken, at 800 requests a second. */
const MAX_IDS = 100_000;

/**
 * Checks that who sends a token has the key that the token is bound to
 * (RFC 9449, section 4.3).
 *
 * Each proof is taken once. Which ones have been is known to this process
 * only: within two minutes a stolen proof could be sent to another replica,
 * together with the stolen token and for the same URL and method.
 */
export class DpopVerifier {
  readonly #usedIds = new LRUCache<string, true>({
    max: MAX_IDS,
    ttl: 2 * MAX_AGE_SECONDS * 1_000 + 5_000,
  });

  /**
   * Checks a proof.
   *
   * @param proof - the request's `DPoP` header
   * @param request.url - as the client sees it; query and fragment do not count
   * @param request.token - which the proof came with
   * @param request.jkt - thumbprint of the key that the token is bound to
   * @throws AgentAuthenticationError with code `invalid_dpop_proof`
   */
  async verify(
    proof: string | undefined,
    request: { method: string; url: string; token: string; jkt: string },
  ): Promise<void> {
    if (!proof) {
      throw invalid('The token is bound to a key. Send a DPoP proof with it');
    }
    if (proof.length > MAX_PROOF_LENGTH) {
      throw invalid('The DPoP proof is too long');
    }
    const { jwk, claims } = await read(proof);
    if (claims.htm !== request.method) {
      throw invalid('The DPoP proof is for another method');
    }
    if (!isSameUrl(claims.htu, request.url)) {
      throw invalid('The DPoP proof is for another URL');
    }
    // Not left to the library, which takes a proof twice as old when clocks may differ.
    if (
      typeof claims.iat !== 'number' ||
      Math.abs(Date.now() / 1_000 - claims.iat) > MAX_AGE_SECONDS
    ) {
      throw invalid(
        `The DPoP proof is not of the last ${MAX_AGE_SECONDS} seconds. Make one for each request, and set the clock`,
      );
    }
    const ath = createHash('sha256').update(request.token).digest('base64url');
    if (claims.ath !== ath) {
      throw invalid('The DPoP proof is for another token');
    }
    if ((await calculateJwkThumbprint(jwk)) !== request.jkt) {
      throw invalid(
        'The DPoP proof is made with another key than the token is bound to',
      );
    }
    this.#useOnce(request.jkt, claims.jti);
  }

  /** Comes last, so that only who has the key can use an id up. */
  #useOnce(jkt: string, id: unknown): void {
    if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH) {
      throw invalid(
        `The DPoP proof needs a jti of up to ${MAX_ID_LENGTH} characters`,
      );
    }
    const key = `${jkt} ${id}`;
    if (this.#usedIds.has(key)) {
      throw invalid(
        'The DPoP proof was used before. Make one for each request',
      );
    }
    this.#usedIds.set(key, true);
  }
}

/** The library refuses symmetric algorithms that are not listed, and private keys. */
async function read(proof: string) {
  try {
    const { protectedHeader, payload } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...DPOP_ALGORITHMS],
    });
    return { jwk: protectedHeader.jwk!, claims: payload };
  } catch {
    // What the library says quotes nothing of the proof, but means nothing to users either.
    throw invalid(
      'The DPoP proof is not a JWT of type dpop+jwt, signed with the public key in its header',
    );
  }
}

function isSameUrl(claimed: unknown, url: string): boolean {
  if (typeof claimed !== 'string' || !URL.canParse(claimed)) {
    return false;
  }
  return withoutQuery(claimed) === withoutQuery(url);
}

function withoutQuery(url: string): string {
  const parsed = new URL(url);
  parsed.search = '';
  parsed.hash = '';
  return parsed.href;
}

function invalid(message: string): AgentAuthenticationError {
  return new AgentAuthenticationError('invalid_dpop_proof', message);
}
