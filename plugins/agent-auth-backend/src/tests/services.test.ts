import {
  makeKey,
  sign,
  SigningKey,
  startIssuer,
} from '../__testUtils__/startIssuer';
import {
  eventually,
  organisation,
  Portal,
  startPortal,
} from '../__testUtils__/startPortal';
import { TestClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const SECRET = 'a secret of at least thirty-two characters';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

describe('services', () => {
  let portal: Portal;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let key: SigningKey;
  let client: TestClient;

  beforeAll(async () => {
    key = await makeKey('RS256');
    issuer = await startIssuer({ keys: [key] });
    portal = await startPortal({
      agentAuth: {
        clients: [
          {
            id: 'release-bot',
            name: 'Release bot',
            secret: SECRET,
            entityRef: 'component:default/payments-ci',
            serviceResources: [
              { resource: 'catalog', scopes: ['catalog:read'] },
            ],
          },
        ],
        exchange: [
          {
            name: 'GitLab',
            issuer: issuer.url,
            audience: 'prompt-corner',
            rules: [
              {
                claims: { project_path: 'payments/*', ref_protected: 'true' },
                entityRef: 'component:default/payments-ci',
                resources: [
                  { resource: 'catalog', scopes: ['catalog:read'] },
                  { resource: 'portal/ci', scopes: ['tools:read'] },
                ],
                lifetime: { minutes: 20 },
              },
            ],
          },
        ],
      },
    });
    client = new TestClient(portal, { clientId: 'token-exchange' });
  });

  afterAll(() => issuer.stop());

  const authorization = `Basic ${Buffer.from(
    `release-bot:${encodeURIComponent(SECRET)}`,
  ).toString('base64')}`;

  async function clientCredentials(
    parameters: Record<string, string>,
    header = authorization,
  ) {
    const response = await fetch(`${portal.issuer}/oauth/token`, {
      method: 'POST',
      headers: { authorization: header },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        ...parameters,
      }),
    });
    return { status: response.status, body: await response.json() };
  }

  const exchange = async (
    claims: object,
    parameters: Record<string, string> = {},
  ) =>
    client.token({
      grant_type: EXCHANGE,
      subject_token: await sign(key, {
        iss: issuer.url,
        iat: Math.floor(Date.now() / 1000),
        exp: Math.floor(Date.now() / 1000) + 600,
        sub: 'project_path:payments/ledger:ref_type:branch:ref:main',
        aud: 'prompt-corner',
        project_path: 'payments/ledger',
        ref_protected: 'true',
        ...claims,
      }),
      subject_token_type: JWT,
      resource: portal.resource,
      ...parameters,
    });

  it('gives a registered service a token of its entity for what it was registered for', async () => {
    const { status, body } = await clientCredentials({
      resource: portal.resource,
      scope: 'catalog:read',
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { scope: 'catalog:read', token_type: 'Bearer' },
    });
    expect(body.refresh_token).toBeUndefined();
    expect(await client.whoAmI(body.access_token)).toMatchObject({
      status: 200,
      body: {
        kind: 'service',
        entityRef: 'component:default/payments-ci',
        teams: ['group:default/payments', 'group:default/engineering'],
        client: { id: 'release-bot' },
        grantType: 'client_credentials',
        scopes: ['catalog:read'],
      },
    });
  });

  it('refuses a wrong secret, and a resource that the service was not registered for', async () => {
    const wrong = await clientCredentials(
      { resource: portal.resource, scope: 'catalog:read' },
      `Basic ${Buffer.from(`release-bot:${'x'.repeat(43)}`).toString(
        'base64',
      )}`,
    );
    expect(wrong).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    const other = await clientCredentials({
      resource: `${portal.url}/api/ai-proxy`,
      scope: 'models:use',
    });
    expect(other).toMatchObject({
      status: 400,
      body: { error: 'invalid_target' },
    });
  });

  it("exchanges a CI job's token for a short one of the entity that a rule names", async () => {
    const { status, body } = await exchange({});
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        scope: 'catalog:read',
      },
    });
    expect(body.expires_in).toBeGreaterThan(1_100);
    expect(body.expires_in).toBeLessThanOrEqual(1_200);
    expect(await client.whoAmI(body.access_token)).toMatchObject({
      status: 200,
      body: {
        kind: 'service',
        entityRef: 'component:default/payments-ci',
        grantType: 'token_exchange',
        client: { id: 'token-exchange', name: 'GitLab' },
      },
    });
  });

  it('refuses tokens that no rule matches, for other resources and for more scopes', async () => {
    expect(await exchange({ ref_protected: 'false' })).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: expect.stringContaining('ref_protected'),
      },
    });
    expect(await exchange({ aud: 'elsewhere' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect(
      await exchange({}, { resource: `${portal.url}/api/ai-proxy` }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    expect(
      await exchange(
        {},
        {
          resource: `${portal.url}/api/mcp-portal/v1/ci`,
          scope: 'tools:read tools:write',
        },
      ),
    ).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect(await exchange({}, { subject_token: 'not.a.token' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect(await exchange({}, { subject_token_type: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('refuses a service whose entity has left the catalog', async () => {
    const { body } = await exchange({});
    await portal.setEntities(
      organisation.filter(({ metadata }) => metadata.name !== 'payments-ci'),
    );
    await eventually(async () => (await exchange({})).status === 400);
    await eventually(
      async () =>
        (
          await clientCredentials({
            resource: portal.resource,
            scope: 'catalog:read',
          })
        ).status === 400,
    );
    expect((await client.whoAmI(body.access_token)).status).toBe(401);
  });
});
