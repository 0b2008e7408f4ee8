import { createHash, randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { callApi } from '../__testUtils__/callApi';
import {
  eventually,
  organisation,
  Portal,
  startPortal,
} from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

describe.each(
  TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] }).eachSupportedId(),
)('connections on %s', databaseId => {
  const databases = TestDatabases.create({ ids: [databaseId] });
  let database: Knex;
  let portal: Portal;
  beforeAll(async () => {
    database = await databases.init(databaseId);
    portal = await startPortal({
      database,
      agentAuth: {
        clients: [testClient],
        revokedAfterAbsence: { seconds: 2 },
      },
    });
  });

  const api = (user: string, method: string, path: string, body?: object) =>
    callApi(portal, user, method, path, body);

  it('lists what a user connected, with its last use, and nobody else', async () => {
    const client = new TestClient(portal);
    const { access_token } = await client.connect(
      'user:default/ada',
      {},
      { name: 'Laptop', lifetimeSeconds: 3600 },
    );
    await client.whoAmI(access_token);
    const mine = await api('user:default/ada', 'GET', '/connections');
    expect(mine.body.items[0]).toMatchObject({
      name: 'Laptop',
      client: { id: 'test-client', name: 'Test client', origin: 'registered' },
      grantType: 'authorization_code',
      resources: [
        {
          audience: portal.resource,
          kind: 'catalog',
          scopes: ['catalog:read'],
        },
      ],
    });
    expect(mine.body.items[0].claims).toBeUndefined();
    const others = await api('user:default/linus', 'GET', '/connections');
    expect(others.body.items).toEqual([]);
    const { id } = mine.body.items[0];
    const foreign = await api(
      'user:default/linus',
      'DELETE',
      `/connections/${id}`,
    );
    expect(foreign.status).toBe(404);
    expect((await client.whoAmI(access_token)).status).toBe(200);

    const remembered = await client.consentRequest(
      await client.start(),
      await portal.signIn('user:default/ada'),
    );
    expect(remembered.remembered).toMatchObject({
      name: 'Laptop',
      lifetimeSeconds: 3600,
    });
  });

  it('ends a connection that its user revokes within 5 seconds, at every endpoint', async () => {
    const client = new TestClient(portal);
    const tokens = await client.connect('user:default/ada');
    expect((await client.whoAmI(tokens.access_token)).status).toBe(200);
    const { body } = await api('user:default/ada', 'GET', '/connections');
    const revoked = await api(
      'user:default/ada',
      'DELETE',
      `/connections/${body.items[0].id}`,
    );
    expect(revoked.status).toBe(204);
    const started = Date.now();
    await eventually(
      async () => (await client.whoAmI(tokens.access_token)).status === 401,
    );
    expect(Date.now() - started).toBeLessThan(5_000);
    const refreshed = await client.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    });
    expect(refreshed.status).toBe(400);
  });

  it('makes personal tokens that are shown once', async () => {
    const client = new TestClient(portal);
    const options = await api(
      'user:default/grace',
      'GET',
      '/personal-tokens/options',
    );
    expect(options.body.resources.map(({ kind }: any) => kind)).toEqual([
      'catalog',
      'portal',
      'proxy',
    ]);
    const wrong = await api('user:default/grace', 'POST', '/personal-tokens', {
      name: 'x',
      audience: portal.resource,
      scopes: ['models:use'],
      limits: {},
      lifetimeSeconds: 3600,
    });
    expect(wrong.status).toBe(400);
    const made = await api('user:default/grace', 'POST', '/personal-tokens', {
      name: 'My editor',
      audience: portal.resource,
      scopes: ['catalog:read'],
      limits: {},
      lifetimeSeconds: 3600,
    });
    expect(made.status).toBe(201);
    expect(await client.whoAmI(made.body.token, 'acting=true')).toMatchObject({
      status: 200,
      body: {
        entityRef: 'user:default/grace',
        teams: [],
        systems: [],
        domains: [],
        grantType: 'personal_token',
        actingAs: { userEntityRef: 'user:default/grace' },
      },
    });
    const listed = await api('user:default/grace', 'GET', '/connections');
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token);
    const all = await api('user:default/grace', 'DELETE', '/connections');
    expect(all.body).toEqual({ revoked: 1 });
    await eventually(
      async () => (await client.whoAmI(made.body.token)).status === 401,
    );
  });

  it('lets a user try again when an answer failed, here for too many connections', async () => {
    const user = 'user:default/grace';
    const client = new TestClient(portal);
    const authorization = await portal.signIn(user);
    await client.connect(user);
    const [template] = (await database('connections')
      .whereNull('revoked_at')
      .orderBy('created_at', 'desc')
      .limit(1)) as any[];
    const many = Array.from({ length: 500 }, () => ({
      ...template,
      id: randomUUID(),
      name: 'one of many',
    }));
    await database.batchInsert('connections', many, 50);

    const interaction = await client.start();
    const failed = await client.approve(interaction, authorization);
    expect(failed.status).toBe(400);
    expect((await failed.json()).error.message).toContain('Revoke some');
    await database('connections').where('name', 'one of many').delete();
    const approved = await client.approve(interaction, authorization);
    expect(approved.status).toBe(200);
  });

  it('stores neither tokens nor codes in a form that could be used', async () => {
    const client = new TestClient(portal);
    const answer = await client.authorize('user:default/ada');
    const code = answer.get('code')!;
    const { body: tokens } = await client.exchange(code);
    const device = await (
      await fetch(`${portal.issuer}/oauth/device_authorization`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'test-client',
          resource: portal.resource,
        }),
      })
    ).json();
    const dump = JSON.stringify(
      await Promise.all(
        [
          'oauth_records',
          'connections',
          'revocations',
          'backstage_sessions',
          'principals',
        ].map(table => database(table)),
      ),
    );
    for (const secret of [
      code,
      tokens.access_token,
      tokens.refresh_token,
      device.device_code,
      device.user_code.replace('-', ''),
    ]) {
      expect(dump).not.toContain(secret);
    }
    const hash = createHash('sha256').update(tokens.access_token).digest('hex');
    expect(dump).toContain(hash);
    expect((await client.whoAmI(hash)).status).toBe(401);
  });

  it('lets nobody in who has left the catalog, and revokes everything when they stay away', async () => {
    const client = new TestClient(portal);
    const tokens = await client.connect('user:default/linus');
    expect((await client.whoAmI(tokens.access_token)).status).toBe(200);
    await portal.setEntities(
      organisation.filter(({ metadata }) => metadata.name !== 'linus'),
    );
    await eventually(async () => {
      const { status, body } = await client.token({
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token,
      });
      tokens.refresh_token = body.refresh_token ?? tokens.refresh_token;
      return status === 400;
    });
    await eventually(
      async () => (await client.whoAmI(tokens.access_token)).status === 401,
    );
    // Absent for long enough, which the next round of checks notices.
    await eventually(async () => {
      await portal.runTask('check-residents');
      const revoked = await database('connections').whereNotNull('revoked_at');
      return revoked.some(
        row => row.revoked_reason === 'no longer in the catalog',
      );
    });
    await portal.setEntities(organisation);
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect((await client.whoAmI(tokens.access_token)).status).toBe(401);
  });
});
