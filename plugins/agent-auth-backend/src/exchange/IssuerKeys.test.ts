import type { ServerResponse } from 'node:http';
import { makeKey, sign, startIssuer } from '../__testUtils__/startIssuer';
import { testIssuer } from '../__testUtils__/testIssuer';

const ci = testIssuer();

describe('keys', () => {
  it('follows an issuer that changes its keys', async () => {
    const issuers = ci.trust({}, {}, 0);
    await issuers.verify(await sign(ci.key, ci.claimsWith()));

    const next = await makeKey('ES256');
    await expect(
      issuers.verify(await sign(next, ci.claimsWith())),
    ).rejects.toThrow(/does not publish/);
    ci.issuer.state.keys = [next];
    await issuers.verify(await sign(next, ci.claimsWith()));

    await expect(
      issuers.verify(await sign(ci.key, ci.claimsWith())),
    ).rejects.toThrow(/does not publish/);
  });

  it('does not ask the issuer each time that a stranger invents a key', async () => {
    const issuers = ci.trust();
    await issuers.verify(await sign(ci.key, ci.claimsWith()));
    const asked = ci.issuer.state.requests.length;

    for (let attempt = 0; attempt < 20; attempt++) {
      await expect(
        issuers.verify(
          await sign(ci.key, ci.claimsWith(), { kid: `k${attempt}` }),
        ),
      ).rejects.toThrow(/does not publish/);
    }
    expect(ci.issuer.state.requests).toHaveLength(asked);
  });

  it.each(['PS256', 'ES384', 'EdDSA'])('checks signatures of %s', async alg => {
    const other = await makeKey(alg);
    ci.issuer.state.keys = [other];

    await expect(
      ci.trust().verify(await sign(other, ci.claimsWith())),
    ).resolves.toMatchObject({ issuer: 'ci' });
    await expect(
      ci
        .trust({ algorithms: ['RS256'] })
        .verify(await sign(other, ci.claimsWith())),
    ).rejects.toThrow(`is signed with "${alg}"; accepted are RS256`);
  });

  it('tries each key for a token that names none', async () => {
    const other = await makeKey('RS256');
    ci.issuer.state.keys = [other, ci.key];

    await expect(
      ci
        .trust()
        .verify(await sign(ci.key, ci.claimsWith(), { kid: undefined })),
    ).resolves.toMatchObject({ issuer: 'ci' });
    await expect(
      ci
        .trust()
        .verify(
          await sign(ci.key, ci.claimsWith({ exp: 1 }), { kid: undefined }),
        ),
    ).rejects.toThrow(/has expired/);
    await expect(
      ci.trust().verify(
        await sign(await makeKey('RS256'), ci.claimsWith(), {
          kid: undefined,
        }),
      ),
    ).rejects.toThrow(/signature that is not/);
  });

  it('says so when the issuer is down, leaves it alone for a moment, and recovers', async () => {
    const issuers = ci.trust();
    const token = await sign(ci.key, ci.claimsWith());
    await ci.issuer.stop();
    const failures = await Promise.allSettled(
      Array.from({ length: 10 }, () => issuers.verify(token)),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({
        status: 'rejected',
        reason: {
          name: 'ServiceUnavailableError',
          message: expect.stringMatching(/issuer ci cannot be read.*try again/),
        },
      });
    }

    await ci.issuer.restart();
    await expect(issuers.verify(token)).rejects.toThrow(/cannot be read/);
    expect(ci.issuer.state.requests).toEqual([]);
    await new Promise(resolve => setTimeout(resolve, 2_100));
    await expect(issuers.verify(token)).resolves.toMatchObject({
      issuer: 'ci',
    });
    // And what it has read serves while the issuer is down again.
    await ci.issuer.stop();
    await expect(issuers.verify(token)).resolves.toMatchObject({
      issuer: 'ci',
    });
    await ci.issuer.restart();
  });

  it.each<[string, Parameters<typeof answerWith>]>([
    ['an error', [500, '{}']],
    ['no JSON', [200, '<html>']],
    ['no key set', [200, '{"keys":7}']],
    ['null', [200, 'null']],
  ])('does not trust an issuer that answers with %s', async (_, answer) => {
    ci.issuer.state.instead = answerWith(...answer);
    const token = await sign(ci.key, ci.claimsWith());
    for (const change of [{}, { jwksUri: `${ci.issuer.url}/jwks` }]) {
      await expect(ci.trust(change).verify(token)).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
      });
    }
  });

  it('does not follow an issuer to another place', async () => {
    const evil = await makeKey('RS256');
    const attacker = await startIssuer({ keys: [evil] });
    attacker.state.discovery = { issuer: ci.issuer.url };
    ci.issuer.state.instead = (request, response) => {
      response.writeHead(302, { location: `${attacker.url}${request.url}` });
      response.end();
    };
    try {
      const token = await sign(evil, ci.claimsWith());
      for (const change of [{}, { jwksUri: `${ci.issuer.url}/jwks` }]) {
        await expect(ci.trust(change).verify(token)).rejects.toMatchObject({
          name: 'ServiceUnavailableError',
        });
      }
      expect(attacker.state.requests).toEqual([]);
    } finally {
      await attacker.stop();
    }
  });

  it('reads at most 256 KiB of keys', async () => {
    const token = await sign(ci.key, ci.claimsWith());
    const verifyWith = (padding: number) => {
      ci.issuer.state.instead = answerWith(
        200,
        JSON.stringify({
          keys: [ci.key.publicJwk],
          padding: ' '.repeat(padding),
        }),
      );
      return ci.trust({ jwksUri: `${ci.issuer.url}/jwks` }).verify(token);
    };

    await expect(verifyWith(200 * 1024)).resolves.toMatchObject({
      issuer: 'ci',
    });
    await expect(verifyWith(256 * 1024)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });

  it('waits at most five seconds for an issuer', async () => {
    ci.issuer.state.instead = (_, response) => response.write('{');
    const started = performance.now();
    await expect(
      ci.trust().verify(await sign(ci.key, ci.claimsWith())),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    expect(performance.now() - started).toBeLessThan(7_000);
  }, 15_000);

  it('does not take the discovery document of another issuer, or keys over http', async () => {
    const token = await sign(ci.key, ci.claimsWith());
    for (const discovery of [
      { issuer: 'https://evil.example' },
      { issuer: `${ci.issuer.url}/` },
      { jwks_uri: 'http://keys.example/jwks' },
      { jwks_uri: 'file:///etc/passwd' },
      { jwks_uri: ['https://keys.example/jwks'] },
      { jwks_uri: undefined },
    ]) {
      ci.issuer.state.discovery = discovery;
      await expect(ci.trust().verify(token)).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
      });
    }
    expect(ci.issuer.state.requests).not.toContain('/jwks');
  });
});

function answerWith(
  status: number,
  body: string,
  headers: Record<string, string> = {},
) {
  return (_: unknown, response: ServerResponse) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}
