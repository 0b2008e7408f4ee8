import { InputError } from '@backstage/errors';
import { isJsonObject } from './isJsonObject';

const MAX_KEYS = 20;

/** Public parameters by key type (RFC 7518, section 6; RFC 8037). */
const PARAMETERS: Record<string, string[]> = {
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  RSA: ['n', 'e'],
};

/** Say what a key is for (RFC 7517, section 4). */
const LABELS = ['kid', 'use', 'alg'];

/** Members that only a private or symmetric key has. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Public keys with which a client signs its assertions. */
export interface PublicKeys {
  keys: Array<Record<string, string>>;
}

/**
 * Checks a JWK set (RFC 7517, section 5). Keys of other types are left out, and
 * so is all else that a key may say.
 *
 * @throws InputError when it is none, has no usable key, or has a private one
 */
export function readPublicKeys(value: unknown): PublicKeys {
  const keys = isJsonObject(value) ? value.keys : undefined;
  if (!Array.isArray(keys) || !keys.every(isJsonObject)) {
    throw new InputError(
      'The keys of the client metadata document are no JSON Web Key set',
    );
  }
  if (keys.length > MAX_KEYS) {
    throw new InputError(
      `The client metadata document has ${keys.length} keys; at most ${MAX_KEYS} are accepted`,
    );
  }
  if (keys.some(key => PRIVATE.some(name => Object.hasOwn(key, name)))) {
    throw new InputError(
      'The client metadata document publishes a private or symmetric key; replace it',
    );
  }
  const usable = keys
    .map(toPublicKey)
    .filter((key): key is Record<string, string> => key !== undefined);
  if (usable.length === 0) {
    throw new InputError(
      'The client metadata document has no RSA, EC or OKP key, which private_key_jwt needs',
    );
  }
  return { keys: usable };
}

function toPublicKey(
  key: Record<string, unknown>,
): Record<string, string> | undefined {
  const kty = String(key.kty);
  const required = Object.hasOwn(PARAMETERS, kty) ? PARAMETERS[kty] : undefined;
  if (!required?.every(name => typeof key[name] === 'string')) {
    return undefined;
  }
  const kept: Record<string, string> = { kty };
  for (const name of [...required, ...LABELS]) {
    const value = key[name];
    if (typeof value === 'string') {
      kept[name] = value;
    }
  }
  return kept;
}
