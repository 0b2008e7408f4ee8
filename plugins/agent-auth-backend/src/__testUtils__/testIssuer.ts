import { ConfigReader } from '@backstage/config';
import { readExchangeConfig, TrustedIssuers } from '../exchange';
import { makeKey, SigningKey, startIssuer } from './startIssuer';

/** For whom the tokens of {@link testIssuer} are. */
export const AUDIENCE = 'https://portal.example.com';

/** An issuer for each test of a file, and those who trust it. */
export function testIssuer() {
  const test = {} as {
    key: SigningKey;
    issuer: Awaited<ReturnType<typeof startIssuer>>;
  };

  beforeAll(async () => {
    test.key = await makeKey('RS256');
  });

  beforeEach(async () => {
    test.issuer = await startIssuer({ keys: [test.key] });
  });

  afterEach(async () => {
    await test.issuer.stop();
  });

  return Object.assign(test, {
    /** Trusts the issuer, with one rule, through the configuration as operators write it. */
    trust(
      change: object = {},
      rule: object = {},
      keysCooldownMs?: number,
    ): TrustedIssuers {
      const issuers = readExchangeConfig(
        new ConfigReader({
          exchange: [
            {
              name: 'ci',
              issuer: test.issuer.url,
              audience: AUDIENCE,
              rules: [
                {
                  claims: { project_path: 'acme/shop' },
                  entityRef: 'component:default/shop-pipeline',
                  resources: [
                    { resource: 'catalog', scopes: ['catalog:read'] },
                  ],
                  ...rule,
                },
              ],
              ...change,
            },
          ],
        } as any),
      );
      return new TrustedIssuers({ issuers, keysCooldownMs });
    },

    /** The claims of a token that is accepted, with changes. */
    claimsWith(change: object = {}) {
      return {
        iss: test.issuer.url,
        sub: 'project_path:acme/shop:ref_type:branch:ref:main',
        aud: AUDIENCE,
        project_path: 'acme/shop',
        iat: now(),
        exp: now() + 300,
        ...change,
      };
    },
  });
}

/** Seconds since the epoch. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
