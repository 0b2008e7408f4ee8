import { randomUUID } from 'node:crypto';
import { createServer, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CryptoKey,
  exportJWK,
  generateKeyPair,
  JWK,
  JWTHeaderParameters,
  SignJWT,
} from 'jose';

/** A key with which a test signs. */
export interface SigningKey {
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

/** Makes a key for an algorithm such as `RS256`. */
export async function makeKey(
  alg: string,
  kid: string = randomUUID(),
): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, {
    extractable: true,
  });
  return {
    alg,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  };
}

/** Signs claims as they are, with a key's own id unless told otherwise. */
export async function sign(
  key: SigningKey,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.publicJwk.kid, ...header })
    .sign(key.privateKey);
}

/**
 * Starts an issuer of tokens on the loopback interface: its discovery document
 * and its keys, at `/jwks` and, as Cloudflare Access has them, at
 * `/cdn-cgi/access/certs`.
 */
export async function startIssuer(options: { keys: SigningKey[] }) {
  const state = {
    keys: options.keys,
    /** Paths asked for. */
    requests: [] as string[],
    /** Answers instead, while set. */
    instead: undefined as RequestListener | undefined,
    /** Replaces parts of the discovery document. */
    discovery: {} as Record<string, unknown>,
  };
  const server = createServer((request, response) => {
    state.requests.push(request.url!);
    if (state.instead) {
      state.instead(request, response);
      return;
    }
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer: `http://${request.headers.host}`,
        jwks_uri: `http://${request.headers.host}/jwks`,
        ...state.discovery,
      },
    };
    for (const path of ['/jwks', '/cdn-cgi/access/certs']) {
      documents[path] = { keys: state.keys.map(key => key.publicJwk) };
    }
    const document = documents[request.url!];
    response.statusCode = document ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(document ?? { error: 'not found' }));
  });
  const listen = (port: number) =>
    new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stop = () =>
    new Promise(resolve => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url, state, stop, restart: () => listen(port) };
}
