import {
  mockCredentials,
  mockErrorHandler,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import express from 'express';
import request from 'supertest';
import { pageUsers } from '../__testUtils__/pageUsers';
import { memoryTrail } from '../audit/__testUtils__/memoryTrail';
import { readApprovalsConfig } from '../approvals';
import {
  call,
  startApprovals,
} from '../approvals/__testUtils__/startApprovals';
import { createApprovalsRouter } from './approvals';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** UUIDs say who is meant in failures. */
const uuidOf = (ref: string) =>
  `${ref.split('/')[1]}-0000-4000-8000-000000000000`.slice(0, 36);
const TEAMS: Record<string, string[]> = {
  'user:default/olivia': ['group:default/platform-team'],
  // The requester is in the team that approves.
  'user:default/alice': ['group:default/platform-team'],
};
const accessRequest = {
  server: 'gitlab',
  toolClasses: ['write'],
  lifetimeSeconds: 86_400,
  justification: 'For the migration',
};

describe.each(databases.eachSupportedId())('Routes on %s', databaseId => {
  let running: Awaited<ReturnType<typeof startApprovals>> | undefined;
  afterEach(() => running?.stop());

  async function start(options: { permissionsEnabled?: boolean } = {}) {
    running = await startApprovals(await databases.init(databaseId));
    const { approvals, store, grants } = running;
    const audit = memoryTrail();
    const app = express();
    app.use(
      createApprovalsRouter({
        approvals,
        store,
        grants,
        decisions: audit.decisions,
        config: readApprovalsConfig(new ConfigReader({})),
        findServer: async (_credentials, name) =>
          ({
            gitlab: {
              name,
              owner: 'group:default/platform-team',
              status: 'approved' as const,
            },
            old: { name, owner: 'user:default/x', status: 'retired' as const },
          }[name]),
        hasPortal: name => name === 'dev',
        principalOf: async ({ principal: { userEntityRef } }) => ({
          uuid: uuidOf(userEntityRef),
          entityRef: userEntityRef,
          teams: TEAMS[userEntityRef] ?? [],
        }),
        users: pageUsers(
          (user, permission) =>
            permission === 'mcp-portal.admin.calls.approve'
              ? user === 'user:default/adam'
              : user !== 'user:default/eve',
          options,
        ),
      }),
    );
    app.use(mockErrorHandler());
    const as = (name: string) => {
      const header = mockCredentials.user.header(`user:default/${name}`);
      return {
        get: (path: string) =>
          request(app).get(path).set('authorization', header),
        post: (path: string, body?: object) =>
          request(app).post(path).set('authorization', header).send(body),
        delete: (path: string) =>
          request(app).delete(path).set('authorization', header),
      };
    };
    const hold = (change: object = {}) =>
      approvals.request({
        ...call,
        requester: uuidOf('user:default/alice'),
        ...change,
      });
    return { app, as, hold, ...running, audit };
  }

  it('need a signed-in user', async () => {
    const { app, hold } = await start();
    const { id } = await hold();
    const answers = [
      request(app).get('/approvals'),
      request(app).get(`/approvals/${id}`),
      request(app).post(`/approvals/${id}/decide`),
      request(app).post('/access-requests'),
      request(app).get('/access-grants'),
    ].map(async asked => (await asked).status);
    expect(await Promise.all(answers)).toEqual([401, 401, 401, 401, 401]);
    const service = await request(app)
      .get('/approvals')
      .set('authorization', mockCredentials.service.header());
    expect(service.status).toBe(403);
  });

  it('show a request to who asked and to who may decide, and hide it from others', async () => {
    const { as, hold } = await start();
    const { id } = await hold();
    const seenBy = async (name: string) => {
      const { status, body } = await as(name).get(`/approvals/${id}`);
      return [status, body.mine, body.mayDecide, body.arguments?.project];
    };
    expect(await seenBy('olivia')).toEqual([200, false, true, 'shop']);
    expect(await seenBy('adam')).toEqual([200, false, true, 'shop']);
    expect(await seenBy('alice')).toEqual([200, true, false, 'shop']);
    expect((await seenBy('eve'))[0]).toBe(404);
    const listed = async (name: string, query = '') => {
      const { body } = await as(name).get(`/approvals${query}`);
      return body.items.map((item: { id: string }) => item.id);
    };
    expect(await listed('olivia')).toEqual([id]);
    expect(await listed('adam')).toEqual([id]);
    expect(await listed('alice')).toEqual([]);
    expect(await listed('alice', '?mine=true&state=pending')).toEqual([id]);
    expect(await listed('alice', '?mine=true&state=used')).toEqual([]);
    expect(await listed('eve')).toEqual([]);
  });

  it('list page by page', async () => {
    const { as, hold } = await start();
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) {
      ids.add((await hold({ argumentDigest: `sha256:${i}` })).id);
    }
    let path: string | undefined = '/approvals?limit=2';
    let pages = 0;
    while (path) {
      const { body } = await as('olivia').get(path);
      body.items.forEach((item: { id: string }) => {
        expect(ids.delete(item.id)).toBe(true);
      });
      pages += 1;
      path = body.nextCursor && `/approvals?limit=2&cursor=${body.nextCursor}`;
    }
    expect([ids.size, pages]).toEqual([0, 3]);
    for (const query of ['cursor=x', 'limit=0', 'state=open', 'who=me']) {
      const { status } = await as('olivia').get(`/approvals?${query}`);
      expect([query, status]).toEqual([query, 400]);
    }
  });

  it('let approvers decide, and who asked by no route', async () => {
    const { as, hold } = await start();
    const { id } = await hold();
    const decide = (name: string, body: object = { decision: 'approve' }) =>
      as(name).post(`/approvals/${id}/decide`, body);
    expect((await decide('alice')).status).toBe(403);
    expect((await decide('eve')).status).toBe(404);
    const invalid = await decide('olivia', { decision: 'maybe' });
    expect(invalid.status).toBe(400);
    expect(invalid.body.error.message).toContain('decision');

    const decided = await decide('olivia', {
      decision: 'approve',
      reason: 'ok',
    });
    expect(decided.body).toMatchObject({
      state: 'approved',
      decidedBy: uuidOf('user:default/olivia'),
      reason: 'ok',
      mayDecide: false,
    });
    expect((await decide('adam')).body).toEqual(decided.body);
    expect((await decide('adam', { decision: 'deny' })).status).toBe(409);
    expect((await decide('alice')).status).toBe(403);
  });

  it('give nobody the right to decide all when there is no permission policy', async () => {
    const { as, hold } = await start({ permissionsEnabled: false });
    const { id } = await hold();
    expect((await as('adam').get(`/approvals/${id}`)).status).toBe(404);
    expect((await as('adam').get('/approvals')).body.items).toEqual([]);
    expect((await as('olivia').get(`/approvals/${id}`)).status).toBe(200);
  });

  it('let only who asked withdraw', async () => {
    const { as, hold } = await start();
    const { id } = await hold();
    expect((await as('olivia').post(`/approvals/${id}/cancel`)).status).toBe(
      404,
    );
    const { body } = await as('alice').post(`/approvals/${id}/cancel`);
    expect(body.state).toBe('cancelled');
  });

  it('lead from a request for access to a grant, and to its end', async () => {
    const { as, audit } = await start();
    const { status, body } = await as('alice').post('/access-requests', {
      ...accessRequest,
      portal: 'dev',
      tools: ['create_issue'],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'access',
      state: 'pending',
      mine: true,
      mayDecide: false,
      approvers: ['group:default/platform-team'],
      justification: 'For the migration',
    });
    const decide = `/approvals/${body.id}/decide`;
    const own = await as('alice').post(decide, { decision: 'approve' });
    expect(own.status).toBe(403);
    await as('olivia').post(decide, { decision: 'approve' });
    const { items } = (await as('alice').get('/access-grants')).body;
    expect(items).toMatchObject([
      { server: 'gitlab', portal: 'dev', tools: ['create_issue'] },
    ]);
    expect((await as('olivia').get('/access-grants')).body.items).toEqual([]);
    const grant = `/access-grants/${items[0].id}`;
    const all = async (name: string) =>
      (await as(name).get('/access-grants?all=true&server=gitlab')).body.items;
    expect(await all('adam')).toEqual(items);
    expect(await all('olivia')).toEqual(items);
    expect(await all('eve')).toEqual([]);
    expect((await as('eve').delete(grant)).status).toBe(404);
    audit.trail.isAvailable = false;
    expect((await as('olivia').delete(grant)).status).toBe(503);
    expect((await as('alice').get('/access-grants')).body.items).toEqual(items);
    audit.trail.isAvailable = true;
    // Who approved it ends it.
    expect((await as('olivia').delete(grant)).status).toBe(204);
    expect((await as('alice').get('/access-grants')).body.items).toEqual([]);
    expect(audit.records).toMatchObject([
      {
        action: 'grant',
        outcome: 'ok',
        message: `revoked, of ${uuidOf('user:default/alice')}`,
        caller: { kind: 'user', uuid: uuidOf('user:default/olivia') },
        portal: 'dev',
        server: 'gitlab',
        approvalId: body.id,
      },
    ]);
  });

  it('refuse requests for access that cannot be', async () => {
    const { as } = await start();
    const status = async (change: object, name = 'alice') =>
      (await as(name).post('/access-requests', { ...accessRequest, ...change }))
        .status;
    expect(await status({}, 'eve')).toBe(403);
    expect(await status({ server: 'unknown' })).toBe(404);
    expect(await status({ server: 'old' })).toBe(404);
    expect(await status({ server: 'git_lab' })).toBe(400);
    expect(await status({ portal: 'other' })).toBe(404);
    expect(await status({ toolClasses: ['admin'] })).toBe(400);
    expect(await status({ toolClasses: [] })).toBe(400);
    expect(await status({ lifetimeSeconds: 91 * 86_400 })).toBe(400);
    expect(await status({ justification: ' ' })).toBe(400);
    expect(await status({ approvers: ['user:default/alice'] })).toBe(400);
  });
});
