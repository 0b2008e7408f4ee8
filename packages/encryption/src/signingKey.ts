import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** A new private key that signs by ES256, as the JSON of a JSON Web Key with `kid`, `alg` and `use`. */
export function generateSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(12).toString('hex'),
    alg: 'ES256',
    use: 'sig',
  });
}
