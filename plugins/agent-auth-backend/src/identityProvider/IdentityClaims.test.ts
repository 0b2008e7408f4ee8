import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  makeKey,
  sign,
  SigningKey,
  startIssuer,
} from '../__testUtils__/startIssuer';
import { IdentityClaims } from './IdentityClaims';

jest.setTimeout(30_000);

describe('IdentityClaims', () => {
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let key: SigningKey;
  let claims: IdentityClaims;

  beforeAll(async () => {
    key = await makeKey('RS256');
    issuer = await startIssuer({ keys: [key] });
    claims = new IdentityClaims({
      config: {
        authProvider: 'oidc',
        issuer: issuer.url,
        audience: 'backstage',
      },
      auth: mockServices.auth(),
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'User',
            metadata: { name: 'ada' },
            spec: { profile: { email: 'Ada@example.com' }, memberOf: [] },
          },
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'User',
            metadata: { name: 'nobody' },
            spec: { memberOf: [] },
          },
        ],
      }),
      logger: mockServices.logger.mock(),
    });
  });

  afterAll(() => issuer.stop());

  const token = (changes: object = {}, by: SigningKey = key) =>
    sign(by, {
      iss: issuer.url,
      aud: 'backstage',
      sub: '4711',
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 60,
      email: 'ada@example.com',
      email_verified: true,
      amr: ['pwd', 'hwk'],
      acr: 'urn:example:mfa',
      auth_time: 1_795_000_000,
      ...changes,
    });

  it("takes how a user signed in from the identity provider's ID token", async () => {
    await expect(
      claims.verify(await token(), 'user:default/ada'),
    ).resolves.toEqual({
      amr: ['pwd', 'hwk'],
      acr: 'urn:example:mfa',
      authTime: 1_795_000_000,
    });
  });

  it("takes nothing from a token that is forged, old, for another audience, or another user's", async () => {
    const other = await makeKey('RS256', key.publicJwk.kid);
    const now = Math.floor(Date.now() / 1000);
    for (const [what, idToken] of [
      ['nothing', undefined],
      ['garbage', 'garbage'],
      ['another key', await token({}, other)],
      ['expired', await token({ exp: now - 60 })],
      ['another audience', await token({ aud: 'elsewhere' })],
      ['another issuer', await token({ iss: 'https://evil.example.com' })],
      ['another user', await token({ email: 'linus@example.com' })],
      ['no address', await token({ email: undefined })],
      ['an unverified address', await token({ email_verified: false })],
    ] as const) {
      expect([what, await claims.verify(idToken, 'user:default/ada')]).toEqual([
        what,
        {},
      ]);
    }
    await expect(
      claims.verify(await token({ email: undefined }), 'user:default/nobody'),
    ).resolves.toEqual({});
  });
});
