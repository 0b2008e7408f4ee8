import { request as httpRequest } from 'node:http';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { eventually, Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const otherClient = {
  id: 'other-client',
  name: 'Other client',
  redirectUris: ['https://other.example.com/callback'],
};

describe('attacks on the authorization server', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let database: Knex;
  let portal: Portal;

  beforeAll(async () => {
    database = await databases.init('SQLITE_3');
    portal = await startPortal({
      database,
      agentAuth: { clients: [testClient, otherClient] },
    });
  });

  const otherClientOf = () =>
    new TestClient(portal, {
      clientId: 'other-client',
      redirectUri: 'https://other.example.com/callback',
    });

  it('refuses a code that comes a second time, and ends the connection', async () => {
    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    const code = answer.get('code')!;
    const first = await client.exchange(code);
    expect(first.status).toBe(200);
    expect(await client.exchange(code)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const { status } = await client.token({
      grant_type: 'refresh_token',
      refresh_token: first.body.refresh_token,
    });
    expect(status).toBe(400);
  });

  it('lets only one of two exchanges of a code that come at once succeed', async () => {
    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    const code = answer.get('code')!;
    const statuses = (
      await Promise.all(Array.from({ length: 5 }, () => client.exchange(code)))
    ).map(({ status }) => status);
    expect(statuses.filter(status => status === 200).length).toBeLessThan(2);
  });

  it("refuses a code that was injected into another client's session", async () => {
    const victim = new TestClient(portal);
    const answer = await victim.authorize('user:default/ada');
    const code = answer.get('code')!;
    const attacker = new TestClient(portal);
    expect(await attacker.exchange(code)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const other = otherClientOf();
    expect(
      await other.exchange(code, { code_verifier: victim.verifier }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('insists on a code challenge by S256', async () => {
    const client = new TestClient(portal);
    for (const downgrade of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge: client.verifier, code_challenge_method: 'plain' },
      { code_challenge_method: undefined },
    ]) {
      const response = await client.browse(client.authorizationUrl(downgrade));
      const location = new URL(response.headers.get('location')!);
      expect(location.origin).toBe('http://127.0.0.1:9');
      expect(location.searchParams.get('error')).toBe('invalid_request');
    }
    const answer = await client.authorize('user:default/ada');
    const withoutVerifier = await client.token({
      grant_type: 'authorization_code',
      code: answer.get('code')!,
      redirect_uri: client.redirectUri,
    });
    expect(withoutVerifier).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('names itself in each answer, so that a client notices a mix-up', async () => {
    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    expect(answer.get('iss')).toBe(portal.issuer);
    expect(answer.get('state')).toBe('xyz');
    const refused = await client.browse(
      client.authorizationUrl({ resource: 'https://elsewhere.example.com/' }),
    );
    const location = new URL(refused.headers.get('location')!);
    expect(location.searchParams.get('error')).toBe('invalid_target');
    expect(location.searchParams.get('iss')).toBe(portal.issuer);
  });

  it('redirects nowhere that the client has not registered', async () => {
    for (const redirectUri of [
      'https://evil.example.com/callback',
      'http://127.0.0.1.evil.example.com/callback',
      'http://127.0.0.1@evil.example.com/callback',
      'http://127.0.0.1/callback/../evil',
      'http://localhost/callback',
      // eslint-disable-next-line no-script-url
      'javascript:alert(1)',
    ]) {
      const client = new TestClient(portal);
      const response = await client.browse(
        client.authorizationUrl({ redirect_uri: redirectUri }),
      );
      expect([redirectUri, response.status]).toEqual([redirectUri, 400]);
      expect(response.headers.get('location')).toBeNull();
      const page = await response.text();
      expect(page).toContain('invalid_redirect_uri');
      expect(page).not.toContain('<script');
      expect(response.headers.get('content-security-policy')).toContain(
        "frame-ancestors 'none'",
      );
    }
    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    expect(
      await client.exchange(answer.get('code')!, {
        redirect_uri: 'http://127.0.0.1:8/callback',
      }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('ends the connection when a refresh token comes a second time', async () => {
    const client = new TestClient(portal);
    const first = await client.connect('user:default/ada');
    const refresh = (token: string) =>
      client.token({ grant_type: 'refresh_token', refresh_token: token });
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect((await client.whoAmI(second.body.access_token)).status).toBe(200);

    // Two processes of one client may refresh at once: refused, but not taken for stolen.
    expect((await refresh(first.refresh_token)).status).toBe(400);
    expect((await client.whoAmI(second.body.access_token)).status).toBe(200);

    await database('oauth_records')
      .whereNotNull('consumed_at')
      .update({ consumed_at: new Date(Date.now() - 60_000) });
    expect(await refresh(first.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await refresh(second.body.refresh_token)).status).toBe(400);
    await eventually(
      async () =>
        (await client.whoAmI(second.body.access_token)).status === 401,
    );
  });

  it('lets only one of two refreshs that come at once succeed', async () => {
    const client = new TestClient(portal);
    const { refresh_token } = await client.connect('user:default/ada');
    const statuses = (
      await Promise.all(
        Array.from({ length: 5 }, () =>
          client.token({ grant_type: 'refresh_token', refresh_token }),
        ),
      )
    ).map(({ status }) => status);
    expect(statuses.filter(status => status === 200).length).toBeLessThan(2);
  });

  it('gives a token for one resource, which another refuses', async () => {
    const client = new TestClient(portal);
    const proxy = `${portal.url}/api/ai-proxy`;
    const { access_token } = await client.connect('user:default/ada', {
      resource: proxy,
      scope: 'models:use',
    });
    expect(await client.whoAmI(access_token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
    const answer = await client.authorize('user:default/ada');
    expect(
      await client.exchange(answer.get('code')!, { resource: proxy }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('grants no more than was asked for, and issues no more than was granted', async () => {
    const client = new TestClient(portal);
    const portalResource = `${portal.url}/api/mcp-portal/v1/default`;
    const authorization = await portal.signIn('user:default/ada');
    const interaction = await client.start({
      resource: portalResource,
      scope: 'tools:read',
    });
    for (const resources of [
      [{ audience: portalResource, scopes: ['tools:read', 'tools:write'] }],
      [{ audience: portal.resource, scopes: ['catalog:read'] }],
      [{ audience: portalResource, scopes: [] }],
      [],
    ]) {
      const response = await client.approve(interaction, authorization, {
        resources,
      });
      expect(response.status).toBe(400);
    }

    const tokens = await client.connect(
      'user:default/ada',
      { resource: portalResource, scope: 'tools:read tools:write' },
      { resources: [{ audience: portalResource, scopes: ['tools:read'] }] },
    );
    expect(tokens.scope).toBe('tools:read');
    const more = await client.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      scope: 'tools:read tools:write',
    });
    expect(more).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  it('says which scopes are missing, so that a client can ask for them', async () => {
    const client = new TestClient(portal);
    const { access_token } = await client.connect('user:default/ada');
    const { status, challenge } = await client.whoAmI(
      access_token,
      'scopes=catalog:read+tools:write+models:use',
    );
    expect(status).toBe(403);
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="catalog:read tools:write models:use"');
  });

  it('makes its URLs from the configuration, whatever headers claim', async () => {
    const metadata = (await getWithHeaders(
      `${portal.issuer}/.well-known/oauth-authorization-server`,
      {
        host: 'evil.example.com',
        'x-forwarded-host': 'evil.example.com',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example.com;proto=https',
      },
    )) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      issuer: portal.issuer,
      authorization_endpoint: `${portal.issuer}/oauth/authorize`,
      token_endpoint: `${portal.issuer}/oauth/token`,
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      code_challenge_methods_supported: ['S256'],
    });
    expect(JSON.stringify(metadata)).not.toContain('evil');

    const client = new TestClient(portal);
    const response = await client.browse(client.authorizationUrl(), {
      headers: { 'x-forwarded-host': 'evil.example.com' },
    });
    expect(response.headers.get('location')).toContain(
      `${portal.issuer}/interactions/`,
    );
  });

  it('lets only the browser that started a request answer it (session fixation)', async () => {
    const attacker = new TestClient(portal);
    const interaction = await attacker.start();
    const victim = new TestClient(portal);
    const authorization = await portal.signIn('user:default/ada');
    const shown = await victim.browse(`${interaction}/consent`, {
      headers: { authorization },
    });
    expect(shown.status).toBe(403);
    const approved = await victim.browse(`${interaction}/approve`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({
        resources: [{ audience: portal.resource, scopes: ['catalog:read'] }],
        limits: {},
        lifetimeSeconds: 3600,
      }),
    });
    expect(approved.status).toBe(403);
  });

  it('takes no approval by the cookie alone (CSRF), and none twice', async () => {
    const client = new TestClient(portal);
    const interaction = await client.start();
    const approve = (headers: Record<string, string>) =>
      client.browse(`${interaction}/approve`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          resources: [{ audience: portal.resource, scopes: ['catalog:read'] }],
          limits: {},
          lifetimeSeconds: 3600,
        }),
      });
    expect((await approve({})).status).toBe(401);
    const authorization = await portal.signIn('user:default/ada');
    expect((await approve({ authorization })).status).toBe(200);
    expect((await approve({ authorization })).status).toBe(409);
  });

  it('does not let a sign-in of one user answer for the next', async () => {
    const client = new TestClient(portal);
    const first = await client.connect('user:default/ada');
    const second = await client.connect('user:default/linus');
    expect((await client.whoAmI(first.access_token)).body.entityRef).toBe(
      'user:default/ada',
    );
    expect((await client.whoAmI(second.access_token)).body.entityRef).toBe(
      'user:default/linus',
    );
  });
});

/** `fetch` does not let a test set the Host header. */
function getWithHeaders(
  url: string,
  headers: Record<string, string>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers }, response => {
      let text = '';
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end();
  });
}
