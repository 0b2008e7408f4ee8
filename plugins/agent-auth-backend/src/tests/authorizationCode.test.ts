import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

describe('signing a user in by authorization code', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({ agentAuth: { clients: [testClient] } });
  });

  it('gives a token with which a plugin knows who is calling, for whom and through what', async () => {
    const client = new TestClient(portal);
    const tokens = await client.connect('user:default/ada');
    expect(tokens).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      scope: 'catalog:read',
      token_type: 'Bearer',
    });

    const { status, body } = await client.whoAmI(
      tokens.access_token,
      'acting=true',
    );
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        kind: 'user',
        entityRef: 'user:default/ada',
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        teams: ['group:default/platform', 'group:default/engineering'],
        systems: ['system:default/portal'],
        client: { id: 'test-client', name: 'Test client' },
        grantType: 'authorization_code',
        resource: { kind: 'catalog', audience: portal.resource },
        scopes: ['catalog:read'],
        actingAs: { type: 'user', userEntityRef: 'user:default/ada' },
      },
    });
  });

  it('takes the parameters by which clients ask for an account or a fresh sign-in', async () => {
    const client = new TestClient(portal);
    for (const prompt of ['login', 'consent', 'select_account']) {
      const tokens = await client.connect('user:default/ada', { prompt });
      expect((await client.whoAmI(tokens.access_token)).status).toBe(200);
    }
    const none = await client.browse(
      client.authorizationUrl({ prompt: 'none' }),
    );
    expect(none.headers.get('location')).toContain('error=login_required');
  });

  it('gives a token for what was approved when several resources were asked for', async () => {
    const client = new TestClient(portal);
    const proxy = `${portal.url}/api/ai-proxy`;
    const authorization = await portal.signIn('user:default/ada');
    const url = new URL(
      client.authorizationUrl({ scope: 'catalog:read models:use' }),
    );
    url.searchParams.append('resource', proxy);
    const started = await client.browse(url.href);
    const interaction = started.headers.get('location')!;
    const approved = await client.approve(interaction, authorization, {
      resources: [{ audience: proxy, scopes: ['models:use'] }],
    });
    const { redirectUrl } = await approved.json();
    const back = await client.browse(redirectUrl);
    const code = new URL(back.headers.get('location')!).searchParams.get(
      'code',
    )!;
    const { body } = await client.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: client.verifier,
    });
    expect(body.scope).toBe('models:use');
  });
});
