import { createHash } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  JWK,
  JWTPayload,
  SignJWT,
} from 'jose';
import { EXTERNAL_URL, FakeAgentAuth } from '../__testUtils__/FakeAgentAuth';
import { startPlugins } from '../__testUtils__/startPlugins';
import { DPOP_ALGORITHMS, DpopVerifier } from './DpopVerifier';

const token = 'token-that-is-bound';
const url = `${EXTERNAL_URL}/api/alpha/v1`;
const secondsAgo = (seconds: number) =>
  Math.floor(Date.now() / 1_000) - seconds;

interface Key {
  sign: (
    claims?: JWTPayload,
    header?: { typ?: string; jwk?: JWK | undefined },
  ) => Promise<string>;
  privateJwk: JWK;
  jkt: string;
}

let count = 0;

async function createKey(alg = 'ES256'): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  return {
    privateJwk: await exportJWK(pair.privateKey),
    jkt: await calculateJwkThumbprint(publicJwk),
    sign: (claims, header) =>
      new SignJWT({
        htm: 'POST',
        htu: url,
        iat: secondsAgo(0),
        ath: createHash('sha256').update(token).digest('base64url'),
        jti: `id-${count++}`,
        ...claims,
      })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: publicJwk, ...header })
        .sign(pair.privateKey),
  };
}

describe('a DPoP proof', () => {
  const verifier = new DpopVerifier();
  let key: Key;
  let other: Key;

  beforeAll(async () => {
    [key, other] = [await createKey(), await createKey()];
  });

  const verify = (proof: string | undefined, request = {}) =>
    verifier.verify(proof, {
      method: 'POST',
      url,
      token,
      jkt: key.jkt,
      ...request,
    });

  const refusal = async (proof: string | undefined) => {
    const error = await verify(proof).catch(cause => cause);
    expect(error).toMatchObject({ code: 'invalid_dpop_proof' });
    return error.message as string;
  };

  it('is taken, once', async () => {
    const proof = await key.sign();
    await verify(proof);
    expect(await refusal(proof)).toContain('used before');
    const twins = [key.sign({ jti: 'twin' }), key.sign({ jti: 'twin' })];
    const outcomes = await Promise.allSettled(
      (await Promise.all(twins)).map(twin => verify(twin)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
  });

  it('is taken for its URL, however that is written', async () => {
    for (const htu of [
      `${url}?a=b#c`,
      'HTTPS://PORTAL.example.com:443/api/alpha/v1',
      `${EXTERNAL_URL}/api/x/../alpha/v1`,
    ]) {
      const proof = await key.sign({ htu });
      await expect(verify(proof, { url: `${url}?q=1` })).resolves.toBe(
        undefined,
      );
    }
  });

  it('may be of a clock that is half a minute off', async () => {
    for (const seconds of [30, -30]) {
      const proof = await key.sign({ iat: secondsAgo(seconds) });
      await expect(verify(proof)).resolves.toBe(undefined);
    }
  });

  it.each(DPOP_ALGORITHMS)('may be signed with %s', async alg => {
    const { sign, jkt } = await createKey(alg);
    await expect(verify(await sign(), { jkt })).resolves.toBe(undefined);
  });

  it.each([
    ['for another method', { htm: 'GET' }, 'another method'],
    ['for a method in lower case', { htm: 'post' }, 'another method'],
    ['for another path', { htu: `${url}/x` }, 'another URL'],
    ['for another host', { htu: 'https://evil.example/api/alpha/v1' }, 'URL'],
    ['for another scheme', { htu: url.replace('https', 'http') }, 'URL'],
    ['for a part of the URL', { htu: '/api/alpha/v1' }, 'another URL'],
    ['for an URL with a user', { htu: url.replace('//', '//u@') }, 'URL'],
    ['that is stale', { iat: secondsAgo(62) }, 'the last 60 seconds'],
    ['of the future', { iat: secondsAgo(-62) }, 'the last 60 seconds'],
    ['without a time', { iat: undefined }, 'the last 60 seconds'],
    ['for another token', { ath: 'AAAA' }, 'another token'],
    ['for any token', { ath: undefined }, 'another token'],
    ['without an id', { jti: undefined }, 'needs a jti'],
    ['with an empty id', { jti: '' }, 'needs a jti'],
    ['with a huge id', { jti: 'x'.repeat(1_000) }, 'needs a jti'],
    ['that has expired', { exp: secondsAgo(10) }, 'not a JWT'],
  ])('%s is refused', async (_, claims, reason) => {
    expect(await refusal(await key.sign(claims))).toContain(reason);
  });

  it('of another key is refused, and uses no id up', async () => {
    expect(await refusal(await other.sign({ jti: 'mine' }))).toContain(
      'another key',
    );
    await verify(await key.sign({ jti: 'mine' }));
  });

  it('is refused when its header is not what it should be', async () => {
    const { d: _, ...publicJwk } = key.privateJwk;
    expect(await refusal(await other.sign({}, { jwk: publicJwk }))).toContain(
      'not a JWT',
    );
    expect(
      await refusal(await key.sign({}, { jwk: key.privateJwk })),
    ).toContain('not a JWT');
    expect(await refusal(await key.sign({}, { jwk: undefined }))).toContain(
      'not a JWT',
    );
    expect(await refusal(await key.sign({}, { typ: 'JWT' }))).toContain(
      'not a JWT',
    );
  });

  it('is refused when it is signed with a shared secret, or not at all', async () => {
    const secret = new Uint8Array(32).fill(7);
    const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url') };
    const claims = { htm: 'POST', htu: url, iat: secondsAgo(0), jti: 'secret' };
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
      .sign(secret);
    expect(await refusal(symmetric)).toContain('not a JWT');
    const encode = (part: object) =>
      Buffer.from(JSON.stringify(part)).toString('base64url');
    const { d: _, ...publicJwk } = key.privateJwk;
    const none = { alg: 'none', typ: 'dpop+jwt', jwk: publicJwk };
    expect(await refusal(`${encode(none)}.${encode(claims)}.`)).toContain(
      'not a JWT',
    );
  });

  it('is refused when it is nothing of the kind', async () => {
    const good = await key.sign();
    for (const proof of [
      '',
      'x',
      '..',
      `${good}, ${good}`,
      good.slice(0, -4),
    ]) {
      await refusal(proof);
    }
    expect(await refusal(undefined)).toContain('Send a DPoP proof');
    expect(await refusal('x'.repeat(10_000))).toContain('too long');
  });
});

describe('a token that is bound to a key', () => {
  let agentAuth: FakeAgentAuth;
  let send: (
    headers: Record<string, string>,
    path?: string,
  ) => Promise<Response>;
  let key: Key;

  beforeAll(async () => {
    const plugins = await startPlugins({
      authenticate: { tokenHeaders: ['authorization', 'x-api-key'] },
    });
    agentAuth = plugins.agentAuth;
    key = await createKey();
    agentAuth.issue(token, { jkt: key.jkt });
    agentAuth.issue('unbound');
    send = (headers, path) => plugins.send({ method: 'POST', headers, path });
  });

  it('is taken with a proof for the external URL of the request', async () => {
    const authorization = `DPoP ${token}`;
    const good = { authorization, dpop: await key.sign() };
    expect((await send(good, '/api/alpha/v1?page=2')).status).toBe(200);
    const below = { authorization, dpop: await key.sign() };
    expect((await send(below, '/api/alpha/v1/below')).status).toBe(401);
    const replayed = await send(good);
    expect(replayed.status).toBe(401);
    expect(await replayed.json()).toMatchObject({
      error: 'invalid_dpop_proof',
    });
  });

  it('is refused without one', async () => {
    const attempts: Array<Record<string, string>> = [
      { authorization: `Bearer ${token}` },
      { authorization: `Bearer ${token}`, dpop: await key.sign() },
      { authorization: `DPoP ${token}` },
      { 'x-api-key': token, dpop: await key.sign() },
    ];
    for (const headers of attempts) {
      const response = await send(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(
        /^Bearer resource_metadata="[^"]+", DPoP algs="ES256 [^"]+", resource_metadata="[^"]+", error="invalid_dpop_proof", /,
      );
    }
  });

  it('is the only one that may come as DPoP', async () => {
    const response = await send({
      authorization: 'DPoP unbound',
      dpop: await key.sign(),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: 'invalid_token' });
  });
});
