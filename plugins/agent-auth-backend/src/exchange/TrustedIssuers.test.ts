import { createHmac, createPublicKey } from 'node:crypto';
import { makeKey, sign, startIssuer } from '../__testUtils__/startIssuer';
import { AUDIENCE, now, testIssuer } from '../__testUtils__/testIssuer';

const ci = testIssuer();

describe('tokens that are refused', () => {
  it.each<[string, object, RegExp]>([
    [
      'another audience',
      { aud: 'https://else.example' },
      /for the audience "https:\/\/else\.example"; .*https:\/\/portal\.example\.com/,
    ],
    [
      'the audience as a part of its own',
      { aud: `${AUDIENCE}.evil` },
      /for the audience/,
    ],
    ['no audience', { aud: undefined }, /no claim aud/],
    ['an end that has passed', { exp: now() - 31 }, /has expired/],
    ['no end', { exp: undefined }, /no claim exp/],
    ['an end that is text', { exp: '9999999999' }, /claim exp/],
    ['a start to come', { nbf: now() + 90 }, /not valid yet/],
    ['no time of issue', { iat: undefined }, /no claim iat/],
    ['a time of issue to come', { iat: now() + 90 }, /issued in the future/],
    [
      'a long life behind it',
      { iat: now() - 3700 },
      /issued more than 3600 seconds ago/,
    ],
  ])('refuses %s', async (_, change, message) => {
    const verify = ci.trust().verify(await sign(ci.key, ci.claimsWith(change)));

    await expect(verify).rejects.toThrow(message);
    await expect(verify).rejects.toMatchObject({ name: 'AuthenticationError' });
  });

  it('allows for clocks that differ by half a minute', async () => {
    await expect(
      ci
        .trust()
        .verify(
          await sign(
            ci.key,
            ci.claimsWith({ exp: now() - 20, nbf: now() + 20 }),
          ),
        ),
    ).resolves.toMatchObject({ issuer: 'ci' });
  });

  it.each<[string, (url: string) => unknown]>([
    ['another issuer', () => 'https://evil.example'],
    ['a slash at the end', url => `${url}/`],
    ['other capitals', url => url.replace('http', 'HTTP')],
    ['a name before it', url => url.replace('127', 'ci@127')],
    ['a list', url => [url]],
    ['an object', () => ({})],
    ['a property that all objects have', () => '__proto__'],
    ['nothing', () => undefined],
  ])(
    'does not take %s for the issuer, and asks nobody for keys',
    async (_, change) => {
      await expect(
        ci
          .trust()
          .verify(
            await sign(
              ci.key,
              ci.claimsWith({ iss: change(ci.issuer.url) }) as any,
            ),
          ),
      ).rejects.toThrow(/AuthenticationError|is not trusted/);
      expect(ci.issuer.state.requests).toEqual([]);
    },
  );

  it('refuses tokens without a signature', async () => {
    const encode = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE']) {
      await expect(
        ci
          .trust()
          .verify(`${encode({ alg, typ: 'JWT' })}.${encode(ci.claimsWith())}.`),
      ).rejects.toThrow(/is signed with "[a-z]{4}"; accepted are RS256/i);
    }
  });

  it('refuses an HMAC whose secret is the public key', async () => {
    const encode = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const pem = createPublicKey({
      key: ci.key.publicJwk as any,
      format: 'jwk',
    }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, JSON.stringify(ci.key.publicJwk)]) {
      const unsigned = `${encode({
        alg: 'HS256',
        kid: ci.key.publicJwk.kid,
      })}.${encode(ci.claimsWith())}`;
      const mac = createHmac('sha256', secret).update(unsigned);
      await expect(
        ci.trust().verify(`${unsigned}.${mac.digest('base64url')}`),
      ).rejects.toThrow(/is signed with "HS256"/);
    }
  });

  it('refuses a token that was changed after it was signed', async () => {
    const [header, , signature] = (await sign(ci.key, ci.claimsWith())).split(
      '.',
    );
    const payload = Buffer.from(
      JSON.stringify(ci.claimsWith({ sub: 'root' })),
    ).toString('base64url');

    await expect(
      ci.trust().verify(`${header}.${payload}.${signature}`),
    ).rejects.toThrow(/signature that is not the issuer/);
  });

  it('takes keys from nowhere but the issuer, whatever the header says', async () => {
    const evil = await makeKey('RS256', ci.key.publicJwk.kid);
    const attacker = await startIssuer({ keys: [evil] });
    try {
      for (const header of [
        { jku: `${attacker.url}/jwks` },
        { x5u: `${attacker.url}/jwks` },
        { jwk: evil.publicJwk },
        { kid: `../../../${attacker.url}/jwks` },
        { kid: "' OR 1=1 --" },
        { kid: '__proto__' },
        { kid: undefined },
      ]) {
        await expect(
          ci.trust().verify(await sign(evil, ci.claimsWith(), header as any)),
        ).rejects.toMatchObject({ name: 'AuthenticationError' });
      }
      expect(attacker.state.requests).toEqual([]);
    } finally {
      await attacker.stop();
    }
  });

  it('refuses what it does not understand: critical extensions, encrypted tokens, and no tokens', async () => {
    const [, payload, signature] = (await sign(ci.key, ci.claimsWith())).split(
      '.',
    );
    const header = {
      alg: 'RS256',
      kid: ci.key.publicJwk.kid,
      crit: ['x'],
      x: 1,
    };
    const critical = `${Buffer.from(JSON.stringify(header)).toString(
      'base64url',
    )}.${payload}.${signature}`;

    for (const token of [
      '',
      'a.b.c',
      '..',
      'e30.e30.e30',
      'eyJhbGciOiJkaXIifQ..a.b.c',
      critical,
    ]) {
      await expect(ci.trust().verify(token)).rejects.toMatchObject({
        name: 'AuthenticationError',
        message: expect.stringMatching(
          /is not a JWT|not trusted|not a signed JWT/,
        ),
      });
    }
  });

  it('refuses a giant before it looks into it', async () => {
    const token = await sign(
      ci.key,
      ci.claimsWith({ big: 'x'.repeat(13_000) }),
    );
    expect(token.length).toBeGreaterThan(16 * 1024);

    await expect(ci.trust().verify(token)).rejects.toThrow(
      /larger than 16 KiB/,
    );
    expect(ci.issuer.state.requests).toEqual([]);
  });

  it('never repeats the token, and no characters that change how a message reads', async () => {
    const messages: string[] = [];
    for (const change of [
      { aud: 'a\u001b[2J\n\u202e' },
      { project_path: 'evil\u001b[2J\n\u202e\u2028x' },
      { iss: 'https://evil\u001b[31m\n' },
      { project_path: 'x'.repeat(5000) },
    ]) {
      const token = await sign(ci.key, ci.claimsWith(change));
      const error = await ci
        .trust()
        .verify(token)
        .catch(e => e);
      expect(error.message).not.toContain(token.split('.')[1]);
      expect(error.message).not.toContain(token.split('.')[2]);
      messages.push(error.message);
    }
    expect(messages.join('')).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(400);
  });
});
