import { callApi } from '../__testUtils__/callApi';
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

describe('bad and plentiful requests', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({ agentAuth: { clients: [testClient] } });
  });

  it('answers hostile parameters with an OAuth error', async () => {
    const client = new TestClient(portal);
    for (const parameters of [
      { client_id: 'nobody' },
      { client_id: '__proto__' },
      { client_id: 'https://evil.example.com/client.json' },
      { client_id: 'http://169.254.169.254/latest/meta-data' },
      { client_id: 'x'.repeat(5_000) },
      { scope: 'catalog:read"><script>' },
      { response_type: 'token' },
      { resource: 'not a url' },
      { state: 'y'.repeat(4_000), prompt: 'none' },
    ]) {
      const response = await client.browse(client.authorizationUrl(parameters));
      expect([303, 400]).toContain(response.status);
      expect(await response.text()).not.toContain('<script');
    }
    for (const body of [
      { grant_type: 'password', username: 'ada', password: 'x' },
      { grant_type: 'refresh_token', refresh_token: "' OR 1=1 --" },
      { grant_type: 'authorization_code', code: '\u0000' },
      { grant_type: 'constructor' },
    ]) {
      const { status } = await client.token(
        body as unknown as Record<string, string>,
      );
      expect(status).toBe(400);
    }
  });

  it('lets one of several answers to a request count, and makes one connection', async () => {
    const user = 'user:default/linus';
    const connections = async () =>
      (await callApi(portal, user, 'GET', '/connections')).body.items.length;
    const client = new TestClient(portal);
    const authorization = await portal.signIn(user);
    const interaction = await client.start();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => client.approve(interaction, authorization)),
    );
    expect(
      answers.map(({ status }) => status).filter(status => status === 200),
    ).toHaveLength(1);
    expect(await connections()).toBe(1);

    const device = await (
      await fetch(`${portal.issuer}/oauth/device_authorization`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'test-client',
          resource: portal.resource,
        }),
      })
    ).json();
    const approvals = await Promise.all(
      [1, 2, 3].map(() =>
        callApi(portal, user, 'POST', '/device-codes/approve', {
          userCode: device.user_code,
          resources: [{ audience: portal.resource, scopes: ['catalog:read'] }],
          limits: {},
          lifetimeSeconds: 3600,
        }),
      ),
    );
    expect(
      approvals.map(({ status }) => status).filter(status => status === 204),
    ).toHaveLength(1);
    expect(await connections()).toBe(2);
  });

  it('stops a user who tries many device codes at the same time', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        callApi(portal, 'user:default/grace', 'POST', '/device-codes/lookup', {
          userCode: `BBBB-BB${'BCDFGHJKLMNPQRSTVWXZ'[index % 20]}${
            'BC'[Math.floor(index / 20)]
          }`,
        }).then(({ status }) => status),
      ),
    );
    expect(statuses.filter(status => status === 404)).toHaveLength(5);
    expect(statuses.filter(status => status === 429)).toHaveLength(35);
  });

  it('lets nobody fill the database', async () => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(`${portal.issuer}/oauth/device_authorization`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        body,
      });
    const large = await post(
      `client_id=test-client&login_hint=${'x'.repeat(40_000)}`,
    );
    expect(large.status).toBe(413);
    const statuses = [];
    for (let request = 0; request < 400; request++) {
      const { status } = await post('client_id=test-client&scope=catalog:read');
      statuses.push(status);
    }
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(429);
    for (const spelling of [
      'oauth/device_authorization/',
      'oauth/Device_Authorization',
      'oauth/device%5Fauthorization',
      'oauth/par/',
      'OAUTH/par',
      'claude-code/oauth/device_authorization/',
      'Claude-Code/oauth/device_authorization',
    ]) {
      const { status } = await fetch(`${portal.issuer}/${spelling}`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'test-client' }),
      });
      expect([spelling, status]).toEqual([spelling, 429]);
    }
  });
});
