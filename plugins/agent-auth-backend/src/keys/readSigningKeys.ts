import { readFile } from 'node:fs/promises';
import { InputError } from '@backstage/errors';
import type { JWK } from 'jose';
import { z } from 'zod';

const keySet = z.object({
  keys: z
    .array(
      z.looseObject({
        kid: z.string().min(1),
        alg: z.enum(['ES256', 'RS256', 'PS256']),
        // The part of a private key that a public one has not.
        d: z.string().min(1),
      }),
    )
    .min(1),
});

/**
 * Private signing keys from a file that somebody else looks after.
 *
 * @param path - of a JSON Web Key Set
 * @throws InputError when there are none that could sign; without its content
 */
export async function readSigningKeys(path: string): Promise<JWK[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new InputError(
      `agentAuth.signingKeysFile: ${path} cannot be read, or is not JSON`,
    );
  }
  const result = keySet.safeParse(content);
  if (!result.success) {
    const [{ path: at, message }] = result.error.issues;
    throw new InputError(
      `agentAuth.signingKeysFile: ${path} holds no private signing keys with kid and alg: ${at.join(
        '.',
      )}: ${message}`,
    );
  }
  return result.data.keys.map(key => ({ ...key, use: 'sig' } as JWK));
}
