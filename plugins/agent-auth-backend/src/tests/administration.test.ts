import {
  createServiceFactory,
  coreServices,
} from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { mockServices } from '@backstage/backend-test-utils';
import { callApi } from '../__testUtils__/callApi';
import { eventually, Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const ADMINISTRATOR = 'user:default/grace';

describe('administration', () => {
  const auditor = mockServices.auditor.mock();
  const recorded: Array<Record<string, any>> = [];
  let portal: Portal;

  beforeAll(async () => {
    auditor.createEvent.mockImplementation(async event => {
      const entry: Record<string, any> = { ...event, meta: { ...event.meta } };
      delete entry.request;
      recorded.push(entry);
      return {
        success: async more => {
          entry.status = 'succeeded';
          Object.assign(entry.meta, more?.meta);
        },
        fail: async ({ error }) => {
          entry.status = 'failed';
          entry.error = error.message;
        },
      };
    });
    portal = await startPortal({
      config: { permission: { enabled: true } },
      agentAuth: {
        clients: [testClient],
      },
      features: [
        createServiceFactory({
          service: coreServices.permissions,
          deps: {},
          factory: () => ({
            authorize: async (requests, { credentials }: any) =>
              requests.map(() => ({
                result:
                  credentials.principal.userEntityRef === ADMINISTRATOR ||
                  credentials.principal.type === 'service'
                    ? AuthorizeResult.ALLOW
                    : AuthorizeResult.DENY,
              })) as any,
            authorizeConditional: async requests =>
              requests.map(() => ({ result: AuthorizeResult.ALLOW })) as any,
          }),
        }),
        createServiceFactory({
          service: coreServices.auditor,
          deps: {},
          factory: () => auditor,
        }),
      ],
    });
  });

  const api = (user: string, method: string, path: string, body?: object) =>
    callApi(portal, user, method, path, body);

  it('is refused to who has not the permission for it', async () => {
    for (const [method, path, body] of [
      ['GET', '/admin/connections', undefined],
      ['POST', '/admin/connections/revoke', { clientId: 'test-client' }],
      ['POST', '/admin/principals/resolve', { uuids: [] }],
      ['GET', '/admin/clients', undefined],
      ['POST', '/admin/clients', { id: 'x' }],
      ['DELETE', '/admin/clients/test-client', undefined],
    ] as const) {
      const { status } = await api('user:default/ada', method, path, body);
      expect([path, status]).toEqual([path, 403]);
    }
  });

  it('lists, names and revokes connections of the organisation', async () => {
    const client = new TestClient(portal);
    const ada = await client.connect('user:default/ada');
    const linus = await client.connect('user:default/linus');
    await client.connect('user:default/linus');

    const first = await api(ADMINISTRATOR, 'GET', '/admin/connections?limit=2');
    expect(first.body).toMatchObject({ totalItems: 3 });
    expect(first.body.items).toHaveLength(2);
    const second = await api(
      ADMINISTRATOR,
      'GET',
      `/admin/connections?limit=2&cursor=${first.body.nextCursor}`,
    );
    expect(second.body.items).toHaveLength(1);
    const items = [...first.body.items, ...second.body.items];
    expect(new Set(items.map(({ id }) => id)).size).toBe(3);
    expect(JSON.stringify(items)).not.toContain('user:default');

    const uuids = [...new Set(items.map(({ principal }) => principal))];
    const resolved = await api(
      ADMINISTRATOR,
      'POST',
      '/admin/principals/resolve',
      { uuids },
    );
    expect(
      resolved.body.items.map(({ entityRef }: any) => entityRef).sort(),
    ).toEqual(['user:default/ada', 'user:default/linus']);

    const nothing = await api(
      ADMINISTRATOR,
      'POST',
      '/admin/connections/revoke',
      {},
    );
    expect(nothing.status).toBe(400);
    for (const empty of [
      { principal: '' },
      { clientId: '' },
      { unusedOnly: false },
    ]) {
      const { status } = await api(
        ADMINISTRATOR,
        'POST',
        '/admin/connections/revoke',
        empty,
      );
      expect([empty, status]).toEqual([empty, 400]);
    }
    const unknown = await api(
      ADMINISTRATOR,
      'POST',
      '/admin/connections/revoke',
      { principal: 'user:default/nobody' },
    );
    expect(unknown.body).toEqual({ revoked: 0 });
    const old = await api(ADMINISTRATOR, 'POST', '/admin/connections/revoke', {
      olderThanDays: 1,
    });
    expect(old.body).toEqual({ revoked: 0 });
    const revoked = await api(
      ADMINISTRATOR,
      'POST',
      '/admin/connections/revoke',
      { principal: 'user:default/linus' },
    );
    expect(revoked.body).toEqual({ revoked: 2 });
    await eventually(
      async () => (await client.whoAmI(linus.access_token)).status === 401,
    );
    expect((await client.whoAmI(ada.access_token)).status).toBe(200);
  });

  it('registers a client, whose users can then connect it, and removes it', async () => {
    const created = await api(ADMINISTRATOR, 'POST', '/admin/clients', {
      id: 'editor',
      name: 'Editor',
      redirectUris: ['https://editor.example.com/callback'],
      deviceFlow: false,
      confidential: true,
    });
    expect(created).toMatchObject({
      status: 201,
      body: { client: { id: 'editor' }, secret: expect.any(String) },
    });
    const client = new TestClient(portal, {
      clientId: 'editor',
      redirectUri: 'https://editor.example.com/callback',
    });
    const answer = await client.authorize('user:default/ada');
    const withoutSecret = await client.exchange(answer.get('code')!);
    expect(withoutSecret.status).toBe(401);
    const again = await client.authorize('user:default/ada');
    const tokens = await client.exchange(again.get('code')!, {
      client_secret: created.body.secret,
    });
    expect(tokens.status).toBe(200);

    const wrong = [
      { id: 'https://editor.example.com', redirectUris: [] },
      { id: 'e', redirectUris: ['http://evil.example.com/'] },
      // eslint-disable-next-line no-script-url -- it is refused
      { id: 'e', redirectUris: ['javascript:alert(1)'] },
      { id: 'editor', redirectUris: [] },
    ];
    for (const change of wrong) {
      const { status } = await api(ADMINISTRATOR, 'POST', '/admin/clients', {
        name: 'E',
        deviceFlow: false,
        confidential: false,
        ...change,
      });
      expect([400, 409]).toContain(status);
    }
    const list = await api(ADMINISTRATOR, 'GET', '/admin/clients');
    expect(JSON.stringify(list.body)).not.toContain(created.body.secret);
    expect(list.body.items.map(({ id }: any) => id)).toEqual(
      expect.arrayContaining(['editor', 'test-client', 'prompt-corner-login']),
    );

    const removed = await api(ADMINISTRATOR, 'DELETE', '/admin/clients/editor');
    expect(removed.status).toBe(204);
    await eventually(
      async () =>
        (await client.whoAmI(tokens.body.access_token)).status === 401,
    );
    const fixed = await api(
      ADMINISTRATOR,
      'DELETE',
      '/admin/clients/test-client',
    );
    expect(fixed.status).toBe(404);
  });

  it('has recorded who connected what, when and to which resource, and no secret', async () => {
    const client = new TestClient(portal);
    const tokens = await client.connect('user:default/ada');
    const refused = await client.exchange('a code that is none');
    expect(refused.status).toBe(400);
    await eventually(async () =>
      recorded.some(({ eventId }) => eventId === 'token-refuse'),
    );
    const approved = recorded.filter(
      ({ eventId }) => eventId === 'consent-approve',
    );
    expect(approved.at(-1)).toMatchObject({
      status: 'succeeded',
      meta: {
        client: 'test-client',
        flow: 'authorization_code',
        connection: expect.any(String),
        principal: expect.any(String),
        resources: [portal.resource],
      },
    });
    const issued = recorded.filter(({ eventId }) => eventId === 'token-issue');
    expect(issued.at(-1)).toMatchObject({
      meta: {
        client: 'test-client',
        connection: approved.at(-1)!.meta.connection,
        principal: approved.at(-1)!.meta.principal,
        grantType: 'authorization_code',
        resource: portal.resource,
      },
    });
    expect(recorded.map(({ eventId }) => eventId)).toEqual(
      expect.arrayContaining([
        'client-register',
        'client-remove',
        'connection-revoke',
        'connections-read',
        'principal-resolve',
        'token-refuse',
      ]),
    );
    const log = JSON.stringify(recorded);
    expect(log).not.toContain(tokens.access_token);
    expect(log).not.toContain(tokens.refresh_token);
  });
});

describe('administration of a portal without permissions', () => {
  it('is refused, because Backstage would allow it to everybody', async () => {
    const portal = await startPortal();
    const { status, body } = await callApi(
      portal,
      ADMINISTRATOR,
      'GET',
      '/admin/connections',
    );
    expect(status).toBe(403);
    expect(body.error.message).toContain('permission.enabled');
  });
});
