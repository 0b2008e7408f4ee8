import { callApi } from '../__testUtils__/callApi';
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

describe('signing a user in on another device', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({ agentAuth: { clients: [testClient] } });
  });

  async function start(parameters: Record<string, string> = {}) {
    const response = await fetch(
      `${portal.issuer}/oauth/device_authorization`,
      {
        method: 'POST',
        headers: { 'user-agent': 'test-device/1.0' },
        body: new URLSearchParams({
          client_id: 'test-client',
          scope: 'catalog:read',
          resource: portal.resource,
          ...parameters,
        }),
      },
    );
    expect(response.status).toBe(200);
    return response.json();
  }

  const page = (user: string, path: string, body: object) =>
    callApi(portal, user, 'POST', `/device-codes/${path}`, body);

  const poll = (deviceCode: string) =>
    new TestClient(portal).token({
      grant_type: DEVICE_GRANT,
      device_code: deviceCode,
    });

  const approval = () => ({
    resources: [{ audience: portal.resource, scopes: ['catalog:read'] }],
    limits: {},
    lifetimeSeconds: 3600,
  });

  it('gives the device a token once the user has approved its code', async () => {
    const device = await start();
    expect(device).toMatchObject({
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: `${portal.issuer}/device`,
      expires_in: 600,
    });
    const redirect = await fetch(device.verification_uri_complete, {
      redirect: 'manual',
    });
    expect(redirect.headers.get('location')).toBe(
      `http://localhost/agent-auth/device?user_code=${device.user_code}`,
    );
    expect((await poll(device.device_code)).body.error).toBe(
      'authorization_pending',
    );

    const shown = await page('user:default/ada', 'lookup', {
      userCode: device.user_code.toLowerCase().replace('-', ' '),
    });
    expect(shown).toMatchObject({
      status: 200,
      body: {
        client: { name: 'Test client', origin: 'registered' },
        device: { userAgent: 'test-device/1.0' },
        warnings: ['device'],
      },
    });
    const approved = await page('user:default/ada', 'approve', {
      userCode: device.user_code,
      ...approval(),
    });
    expect(approved.status).toBe(204);

    const { status, body } = await poll(device.device_code);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { scope: 'catalog:read', refresh_token: expect.any(String) },
    });
    const client = new TestClient(portal);
    expect((await client.whoAmI(body.access_token)).body).toMatchObject({
      entityRef: 'user:default/ada',
      grantType: 'device_code',
    });
    expect((await poll(device.device_code)).status).toBe(400);
  });

  it('tells the device that the user refused', async () => {
    const device = await start();
    const denied = await page('user:default/ada', 'deny', {
      userCode: device.user_code,
    });
    expect(denied.status).toBe(204);
    expect((await poll(device.device_code)).body.error).toBe('access_denied');
  });

  it('takes an answer to a code only once', async () => {
    const device = await start();
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        page('user:default/ada', 'approve', {
          userCode: device.user_code,
          ...approval(),
        }),
      ),
    );
    expect(
      answers.map(({ status }) => status).filter(status => status === 204),
    ).toHaveLength(1);
    const late = await page('user:default/grace', 'deny', {
      userCode: device.user_code,
    });
    expect(late.status).toBe(404);
  });

  it('stops a user who tries codes, and nobody else', async () => {
    const device = await start();
    const statuses = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      const { status } = await page('user:default/linus', 'lookup', {
        userCode: `BBBB-BBB${'BCDFGHJ'[attempt]}`,
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429]);
    const locked = await page('user:default/linus', 'lookup', {
      userCode: device.user_code,
    });
    expect(locked.status).toBe(429);
    const other = await page('user:default/ada', 'lookup', {
      userCode: device.user_code,
    });
    expect(other.status).toBe(200);
  });

  it('signs Claude Code in, which names neither itself nor what it wants', async () => {
    const metadata = await (
      await fetch(
        `${portal.issuer}/claude-code/.well-known/oauth-authorization-server`,
      )
    ).json();
    const post = async (url: string, body: Record<string, string>) => {
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams(body),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : {} };
    };
    const device = await post(metadata.device_authorization_endpoint, {
      surface: 'claude_code',
    });
    expect(device.status).toBe(200);
    const { body: asked } = await page('user:default/ada', 'lookup', {
      userCode: device.body.user_code,
    });
    expect(asked).toMatchObject({
      client: { name: 'Claude Code' },
      resources: [{ kind: 'proxy', scopes: [{ name: 'models:use' }] }],
    });
    await page('user:default/ada', 'approve', {
      userCode: device.body.user_code,
      resources: [
        { audience: asked.resources[0].audience, scopes: ['models:use'] },
      ],
      limits: { models: ['claude-*'], budgetUsdPerDay: 5 },
      lifetimeSeconds: 3600,
    });
    const tokens = await post(metadata.token_endpoint, {
      grant_type: DEVICE_GRANT,
      device_code: device.body.device_code,
    });
    expect(tokens).toMatchObject({
      status: 200,
      body: {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: expect.any(Number),
      },
    });
    const refreshed = await post(metadata.token_endpoint, {
      grant_type: 'refresh_token',
      refresh_token: tokens.body.refresh_token,
    });
    expect(refreshed.status).toBe(200);
    const revoked = await post(metadata.revocation_endpoint, {
      token: refreshed.body.refresh_token,
      token_type_hint: 'refresh_token',
    });
    expect(revoked.status).toBe(200);
    const after = await post(metadata.token_endpoint, {
      grant_type: 'refresh_token',
      refresh_token: refreshed.body.refresh_token,
    });
    expect(after).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });
});
