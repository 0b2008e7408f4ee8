/* eslint-disable no-script-url -- such URLs are tried in order to be refused */
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const redirectUri = 'https://tool.example.com/callback';

describe('clients that register themselves', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({
      agentAuth: { dynamicRegistration: { enabled: true } },
    });
  });

  async function register(changes: object) {
    const response = await fetch(`${portal.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        ...changes,
      }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function shownFor(clientId: string, redirect = redirectUri) {
    const client = new TestClient(portal, { clientId, redirectUri: redirect });
    return client.consentRequest(
      await client.start(),
      await portal.signIn('user:default/ada'),
    );
  }

  it('sign users in, who are warned of them', async () => {
    const { status, body } = await register({ client_name: 'Tool' });
    expect(status).toBe(201);
    expect(await shownFor(body.client_id)).toMatchObject({
      client: { name: 'Tool', origin: 'dynamic' },
      warnings: ['unknown-client'],
    });
    const client = new TestClient(portal, {
      clientId: body.client_id,
      redirectUri,
    });
    const tokens = await client.connect('user:default/ada');
    expect((await client.whoAmI(tokens.access_token)).status).toBe(200);
  });

  it('may listen on any port of the user’s machine', async () => {
    const { body } = await register({
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    const shown = await shownFor(
      body.client_id,
      'http://127.0.0.1:50123/callback',
    );
    expect(shown).toMatchObject({
      client: { name: body.client_id, origin: 'dynamic' },
      redirect: { host: '127.0.0.1:50123', loopback: true },
      warnings: ['loopback-redirect', 'unknown-client'],
    });
  });

  it('cannot make a scheme of an application look like a host', async () => {
    const redirect = 'com.evil.app://claude.ai/callback';
    const { body } = await register({ redirect_uris: [redirect] });
    expect(await shownFor(body.client_id, redirect)).toMatchObject({
      redirect: { host: 'com.evil.app:', loopback: true },
      warnings: ['loopback-redirect', 'unknown-client'],
    });
  });

  it('cannot lend themselves a name or page that is not theirs', async () => {
    const { body } = await register({
      client_name: '\u202eClaude\u200b Code\u0000',
      client_uri: 'https://claude.ai/',
      logo_uri: 'https://claude.ai/logo.svg',
    });
    const { client } = await shownFor(body.client_id);
    expect(client).toEqual({
      id: body.client_id,
      name: 'Claude Code',
      origin: 'dynamic',
    });
    const own = await register({ client_uri: 'https://tool.example.com/' });
    expect((await shownFor(own.body.client_id)).client.uri).toBe(
      'https://tool.example.com/',
    );
  });

  it.each([
    'http://tool.example.com/callback',
    'https://localhost/callback',
    'javascript:alert(1)',
    'intent://tool.example.com/#Intent;end',
    'ms-settings:privacy',
    'https://tool.example.com/callback#x',
    'https://me@tool.example.com/callback',
  ])('cannot have codes sent to %s', async uri => {
    for (const application_type of ['web', 'native', undefined]) {
      const { status, body } = await register({
        redirect_uris: [redirectUri, uri],
        application_type,
      });
      expect([status, body.error]).toEqual([400, 'invalid_redirect_uri']);
      expect(body.error_description).toContain('redirect_uris');
    }
  });

  it.each([
    ['token_endpoint_auth_method', { token_endpoint_auth_method: undefined }],
    [
      'token_endpoint_auth_method',
      { token_endpoint_auth_method: 'client_secret_basic' },
    ],
    [
      'token_endpoint_auth_method',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'http://169.254.169.254/',
      },
    ],
    ['client_name', { client_name: 'x'.repeat(101) }],
    [
      'grant_types',
      { grant_types: ['client_credentials'], response_types: [] },
    ],
    [
      'redirect_uris',
      {
        redirect_uris: Array.from(
          { length: 21 },
          (_, port) => `http://127.0.0.1:${port}/callback`,
        ),
      },
    ],
  ])('are told what is wrong with their %s', async (field, changes) => {
    const { status, body } = await register(changes);
    expect(status).toBe(400);
    expect(body.error).toMatch(/^invalid_(client_metadata|redirect_uri)$/);
    expect(body.error_description).toContain(field);
  });

  it('never act for themselves', async () => {
    const { body } = await register({
      grant_types: ['authorization_code', 'client_credentials'],
    });
    const client = new TestClient(portal, { clientId: body.client_id });
    const answer = await client.token({
      grant_type: 'client_credentials',
      resource: portal.resource,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error_description:
          'requested grant type is not allowed for this client',
      },
    });
  });
});
