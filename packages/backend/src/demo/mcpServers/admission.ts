import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AuthenticationError } from '@backstage/errors';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * Decides whether a request may reach a server.
 *
 * @returns who is calling: a UUID, or undefined when the server is not told
 * @throws AuthenticationError when the request may not
 */
export type Admission = (
  headers: IncomingHttpHeaders,
) => Promise<string | undefined>;

/**
 * Lets in whoever the MCP portal names in a caller token.
 *
 * @param options.issuer - external base URL of the portal's plugin, which also has its keys
 * @param options.audience - URL of the server: a token for another one is refused
 */
export function callerTokenAdmission(options: {
  issuer: string;
  audience: string;
}): Admission {
  const { issuer, audience } = options;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));
  return async headers => {
    const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (!token) {
      throw new AuthenticationError('A caller token of the portal is needed');
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['ES256'],
        typ: 'at+jwt',
        requiredClaims: ['sub', 'exp'],
      });
      return payload.sub;
    } catch (error) {
      throw new AuthenticationError('The caller token is not valid', error);
    }
  };
}

/**
 * Lets in whoever knows the key that the MCP portal sends for everybody.
 *
 * @param options.header - in small letters
 */
export function sharedKeyAdmission(options: {
  header: string;
  key: string;
}): Admission {
  const expected = digestOf(options.key);
  return async headers => {
    const given = headers[options.header];
    if (
      typeof given !== 'string' ||
      !timingSafeEqual(digestOf(given), expected)
    ) {
      throw new AuthenticationError('The key of the portal is needed');
    }
    return undefined;
  };
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
