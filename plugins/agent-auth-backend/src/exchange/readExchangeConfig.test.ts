import { ConfigReader } from '@backstage/config';
import { readExchangeConfig } from './readExchangeConfig';

const RULE = {
  claims: { repository: 'acme/shop' },
  entityRef: 'component:default/shop',
  resources: [{ resource: 'catalog', scopes: ['catalog:read'] }],
};

const ISSUER = {
  name: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  audience: 'https://portal.example.com',
  rules: [RULE],
};

function read(exchange: unknown) {
  return readExchangeConfig(new ConfigReader({ exchange } as any));
}

function withRule(rule: object) {
  return read([{ ...ISSUER, rules: [{ ...RULE, ...rule }] }]);
}

describe('readExchangeConfig', () => {
  it('trusts nobody by default', () => {
    expect(readExchangeConfig(new ConfigReader({}))).toEqual([]);
  });

  it('reads an issuer, and sets what is not said to what is safe', () => {
    const [issuer] = read([
      {
        ...ISSUER,
        rules: [
          RULE,
          {
            claims: { repository: ['acme/*', 'acme-labs/*'], ref: '*' },
            entityRef: 'component:ci/{{ repository_owner }}',
            resources: [
              {
                resource: 'portal/build',
                scopes: ['tools:read', 'tools:read'],
              },
              { resource: 'proxy', scopes: ['models:use'] },
            ],
            lifetime: { minutes: 5 },
          },
        ],
      },
    ]);

    expect(issuer).toMatchObject({
      name: 'github',
      issuer: 'https://token.actions.githubusercontent.com',
      audiences: ['https://portal.example.com'],
      maxTokenAgeSeconds: 3600,
    });
    expect(issuer.algorithms).toContain('RS256');
    expect(issuer.algorithms).toContain('EdDSA');
    expect(issuer.algorithms.filter(alg => /^HS|none/.test(alg))).toEqual([]);
    expect(issuer.rules).toEqual([
      {
        conditions: [{ path: 'repository', patterns: ['acme/shop'] }],
        entityRef: 'component:default/shop',
        resources: [{ kind: 'catalog', scopes: ['catalog:read'] }],
        lifetimeSeconds: 900,
      },
      {
        conditions: [
          { path: 'repository', patterns: ['acme/*', 'acme-labs/*'] },
          { path: 'ref', patterns: ['*'] },
        ],
        entityRef: 'component:ci/{{ repository_owner }}',
        resources: [
          { kind: 'portal', portal: 'build', scopes: ['tools:read'] },
          { kind: 'proxy', scopes: ['models:use'] },
        ],
        lifetimeSeconds: 300,
      },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown key', { jwks: 'x' }, /exchange\[0\]: .*"jwks"/],
    ['a name with a space', { name: 'a b' }, /exchange\[0\]\.name/],
    ['no audience', { audience: undefined }, /exchange\[0\]\.audience/],
    ['an empty audience', { audience: '' }, /exchange\[0\]\.audience/],
    ['an empty list of audiences', { audience: [] }, /exchange\[0\]\.audience/],
    ['http', { issuer: 'http://ci.example.com' }, /\[0\]\.issuer: .*https/],
    [
      'http to a look-alike of localhost',
      { issuer: 'http://localhost.evil' },
      /\[0\]\.issuer: .*https/,
    ],
    ['no URL', { issuer: 'github' }, /exchange\[0\]\.issuer/],
    [
      'an issuer with a query',
      { issuer: 'https://ci.example/?a' },
      /\[0\]\.issuer: .*query/,
    ],
    [
      'keys over http',
      { jwksUri: 'http://ci.example.com/jwks' },
      /\[0\]\.jwksUri: .*https/,
    ],
    [
      'two places for keys',
      { jwksUri: 'https://a.b/c', jwksFile: '/x' },
      /\[0\]\.jwksFile/,
    ],
    ['the algorithm none', { algorithms: ['none'] }, /\[0\]\.algorithms\[0\]/],
    [
      'a symmetric algorithm',
      { algorithms: ['RS256', 'HS256'] },
      /\[0\]\.algorithms\[1\]/,
    ],
    ['no rules', { rules: [] }, /\[0\]\.rules/],
    [
      'an age that is no duration',
      { maxTokenAge: 'long' },
      /maxTokenAge: .*duration/,
    ],
  ])('refuses an issuer with %s', (_, change, message) => {
    expect(() => read([{ ...ISSUER, ...change }])).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['no claims', { claims: {} }, /rules\[0\]\.claims: .*at least one claim/],
    [
      'only the audience',
      { claims: { aud: 'x', iss: 'y' } },
      /at least one claim/,
    ],
    [
      'only what every token has',
      { claims: { sub: '*', ref: ['x', '**'] } },
      /at least one claim/,
    ],
    ['an empty list', { claims: { sub: [] } }, /claims\.sub/],
    [
      'a boolean',
      { claims: { ref_protected: true } },
      /claims\.ref_protected: .*quotes/,
    ],
    ['an empty part in a path', { claims: { 'a..b': 'x' } }, /claims by name/],
    ['an unknown key', { scopes: [] }, /rules\[0\]: .*"scopes"/],
    [
      'an incomplete ref',
      { entityRef: 'shop' },
      /entityRef: .*full entity ref/,
    ],
    [
      'a kind from a claim',
      { entityRef: '{{kind}}:default/shop' },
      /entityRef: .*kind/,
    ],
    ['a person', { entityRef: 'User:default/ada' }, /never act for a person/],
    [
      'a broken placeholder',
      { entityRef: 'component:default/{{a' },
      /entityRef/,
    ],
    [
      'an empty placeholder',
      { entityRef: 'component:default/{{}}' },
      /entityRef/,
    ],
    [
      'an unknown resource',
      { resources: [{ resource: 'audit', scopes: ['x'] }] },
      /resources\[0\]: .*portal\/<name>/,
    ],
    [
      'a portal without name',
      { resources: [{ resource: 'portal/', scopes: ['x'] }] },
      /resources\[0\]: .*portal\/<name>/,
    ],
    [
      'a scope of another resource',
      { resources: [{ resource: 'catalog', scopes: ['tools:write'] }] },
      /catalog has no scope tools:write/,
    ],
    [
      'no scope',
      { resources: [{ resource: 'catalog', scopes: [] }] },
      /scopes/,
    ],
    ['a lifetime of days', { lifetime: { days: 2 } }, /lifetime: .*12 hours/],
  ])('refuses a rule with %s', (_, change, message) => {
    expect(() => withRule(change)).toThrow(message);
    expect(() => withRule(change)).toThrow(/^Invalid agentAuth\.exchange\[0\]/);
  });

  it('wants to know whose pipelines are meant, where the issuer signs for everyone', () => {
    for (const claims of [
      { ref: 'refs/heads/main' },
      { environment: 'production', ref_protected: 'true' },
      { repository: '*/shop' },
      { repository: 'acme*' },
      { repository: ['acme/shop', '*/shop'] },
      { repository_owner: 'acme*' },
      { sub: 'repo:*' },
      {
        job_workflow_ref:
          'acme/workflows/.github/workflows/x.yml@refs/heads/main',
      },
    ]) {
      expect(() => withRule({ claims })).toThrow(
        /rules\[0\]\.claims: .*names the owner/,
      );
    }
    for (const claims of [
      { repository: 'acme/*' },
      { repository_owner_id: '4711' },
      { sub: 'repo:acme/shop:*' },
    ]) {
      expect(withRule({ claims })).toHaveLength(1);
    }
  });

  it('refuses two issuers that cannot be told apart', () => {
    expect(() => read([ISSUER, ISSUER])).toThrow(
      /exchange\[1\]\.name: .*\n.*exchange\[1\]\.issuer/,
    );
  });
});
