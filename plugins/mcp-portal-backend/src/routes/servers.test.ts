import {
  mockCredentials,
  mockErrorHandler,
  TestDatabases,
} from '@backstage/backend-test-utils';
import express from 'express';
import request from 'supertest';
import { pageUsers } from '../__testUtils__/pageUsers';
import { CatalogServers, readCatalogServer } from '../registry';
import {
  approval,
  choice,
  createRegistry,
  GITLAB,
  GITLAB_URL,
  people,
  serverEntity,
  tool,
  World,
} from '../registry/__testUtils__/createRegistry';
import { createDefinitionsRouter } from './definitions';
import { createServersRouter } from './servers';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const persons = Object.fromEntries(
  [
    ...Object.values(people),
    // Sees nothing of the catalog.
    { uuid: 'stranger', entityRef: 'user:default/stranger', teams: [] },
    // May nothing.
    { uuid: 'nobody', entityRef: 'user:default/nobody', teams: [] },
    // May propose, and nothing else.
    { uuid: 'developer', entityRef: 'user:default/developer', teams: [] },
  ].map(person => [person.entityRef, person]),
);

describe.each(databases.eachSupportedId())(
  'routes of the registry on %s',
  databaseId => {
    async function start(options: { permissionsEnabled?: boolean } = {}) {
      const world = new World();
      world.entities = [serverEntity('gitlab-mcp'), serverEntity('jira')];
      world.offers.set(GITLAB_URL, { tools: [tool('list'), tool('create')] });
      const registry = await createRegistry(
        await databases.init(databaseId),
        world,
      );
      await registry.watch.refresh();
      const catalog = {
        readable: async (refs: string[], credentials: any) =>
          new Set(
            credentials.principal.userEntityRef === 'user:default/stranger'
              ? []
              : world.entities
                  .map(entity => readCatalogServer(entity).entityRef)
                  .filter(ref => refs.includes(ref)),
          ),
      } as unknown as CatalogServers;
      const routes = {
        ...registry,
        catalog,
        users: pageUsers(
          (user, permission) =>
            user !== 'user:default/nobody' &&
            (permission.startsWith('mcp-portal.servers.') ||
              user !== 'user:default/developer'),
          options,
        ),
        principalOf: async ({ principal }: any) =>
          persons[principal.userEntityRef],
      };
      const app = express();
      app.use('/servers', createServersRouter(routes));
      app.use('/servers', createDefinitionsRouter(routes));
      app.use(mockErrorHandler());
      const as = (name: string) => {
        const header = mockCredentials.user.header(`user:default/${name}`);
        return {
          get: (path: string) =>
            request(app).get(path).set('authorization', header),
          post: (path: string, body: object = {}) =>
            request(app).post(path).set('authorization', header).send(body),
        };
      };
      return { ...registry, world, app, as };
    }

    it('take a server from the catalog to its first tool, by two people', async () => {
      const { as, served, world } = await start();
      const developer = as('developer');
      const approver = as('approver');
      const { body: list } = await developer.get('/servers').expect(200);
      expect(list.items).toMatchObject([
        {
          name: 'gitlab',
          status: 'draft',
          present: true,
          definitions: { approved: 0, quarantined: 0 },
        },
        { name: 'jira' },
      ]);
      const proposed = await developer
        .post('/servers/gitlab/propose', { reason: 'For merge requests' })
        .expect(200);
      expect(proposed.body.server).toMatchObject({
        status: 'pending',
        proposedBy: 'developer',
      });
      expect(world.contacted).toEqual([]);

      const inspected = await approver
        .post('/servers/gitlab/inspect')
        .expect(200);
      expect(inspected.body).toMatchObject({
        changes: { quarantined: 2 },
        server: { definitions: { quarantined: 2 } },
      });
      const { body } = await approver
        .get('/servers/gitlab/definitions')
        .expect(200);
      expect(body.items).toMatchObject([
        { key: 'create', status: 'quarantined', definition: tool('create') },
        { key: 'list', status: 'quarantined', findings: [] },
      ]);
      const { kind, key, pin } = body.items[1];
      await approver
        .post('/servers/gitlab/approve', {
          definitions: [{ kind, key, pin, toolClass: 'read' }],
        })
        .expect(200);
      expect(served('gitlab')).toEqual(['list']);

      const one = await approver.get('/servers/gitlab').expect(200);
      expect(one.headers['cache-control']).toBe('no-store');
      expect(one.body).toMatchObject({
        status: 'approved',
        approvedRemotes: [{ url: GITLAB_URL }],
        decision: { allowed: true },
        history: [{ action: 'approve' }, { action: 'propose' }],
      });
      expect(JSON.stringify(one.body)).not.toContain('user:default');
    });

    it('refuse each act to who has not the permission, proposed the server or owns it', async () => {
      const { as, app, servers, world, lifecycle } = await start();
      const acts = [
        'inspect',
        'approve',
        'reject',
        'suspend',
        'resume',
        'retire',
        'sync',
        'definitions/approve',
        'definitions/reject',
      ];
      const bodies: Record<string, object> = {
        approve: { definitions: [], urls: [GITLAB_URL] },
        'definitions/approve': { definitions: [approval(tool('list'))] },
        'definitions/reject': { definitions: [choice(tool('list'))] },
      };
      const statusesOf = async (name: string, which = acts) => {
        const statuses = [];
        for (const act of which) {
          const { status } = await as(name).post(
            `/servers/gitlab/${act}`,
            bodies[act],
          );
          statuses.push(status);
        }
        return statuses;
      };
      await lifecycle.propose(GITLAB, people.proposer);
      const all = (status: number) => acts.map(() => status);
      expect(await statusesOf('developer')).toEqual(all(403));
      expect(await statusesOf('nobody')).toEqual(all(403));
      expect(await statusesOf('stranger')).toEqual(all(404));
      for (const path of ['/servers', '/servers/gitlab/definitions']) {
        await as('nobody').get(path).expect(403);
        await request(app).get(path).expect(401);
      }
      const stranger = await as('stranger').get('/servers').expect(200);
      expect(stranger.body).toEqual({ items: [] });
      await as('stranger').get('/servers/gitlab').expect(404);

      const deciding = ['inspect', 'approve'];
      for (const name of ['proposer', 'owner']) {
        expect(await statusesOf(name, deciding)).toEqual([403, 403]);
        const { body } = await as(name).get('/servers/gitlab');
        expect(body.decision).toMatchObject({ allowed: false });
      }
      expect(world.contacted).toEqual([]);
      expect(await statusesOf('approver', deciding)).toEqual([200, 200]);
      const later = ['definitions/approve', 'resume'];
      await as('proposer').post('/servers/gitlab/suspend').expect(200);
      for (const name of ['proposer', 'owner']) {
        expect(await statusesOf(name, later)).toEqual([403, 403]);
      }
      expect(await servers.get(GITLAB)).toMatchObject({ status: 'suspended' });
      expect(await statusesOf('approver', later)).toEqual([204, 200]);
    });

    it('let nobody decide while no policy decides who may', async () => {
      const { as, lifecycle } = await start({ permissionsEnabled: false });
      await lifecycle.propose(GITLAB, people.proposer);
      const { body } = await as('approver')
        .post('/servers/gitlab/inspect')
        .expect(403);
      expect(body.error.message).toContain('permission.enabled');
    });

    it('show a difference to approvers, page by page, and take no decision on another form', async () => {
      const { as, world, lifecycle, synchronisation, passTime } = await start();
      await lifecycle.propose(GITLAB, people.proposer);
      await synchronisation.inspectServer(GITLAB, people.approver);
      const approver = as('approver');
      await approver
        .post('/servers/gitlab/approve', {
          definitions: [tool('list'), tool('create')].map(approval),
        })
        .expect(200);
      const changed = tool('list', { description: 'Does list\u200b' });
      world.offers.set(GITLAB_URL, { tools: [changed, tool('create')] });
      await passTime();
      const synced = await approver.post('/servers/gitlab/sync').expect(200);
      expect(synced.body.changes).toMatchObject({ quarantined: 1 });
      await approver.post('/servers/gitlab/sync').expect(409);

      const path = '/servers/gitlab/definitions';
      const first = await approver.get(`${path}?limit=1`).expect(200);
      expect(first.body).toMatchObject({
        items: [{ key: 'create', status: 'approved' }],
        counts: { approved: 1, quarantined: 1, rejected: 0, missing: 0 },
        nextCursor: expect.any(String),
      });
      const second = await approver
        .get(`${path}?limit=1&cursor=${first.body.nextCursor}`)
        .expect(200);
      expect(second.body.items).toMatchObject([
        {
          key: 'list',
          status: 'quarantined',
          diff: {
            more: 0,
            changes: [
              {
                path: '/description',
                kind: 'changed',
                before: 'Does list',
                after: 'Does list⟨U+200B⟩',
              },
            ],
          },
        },
      ]);
      const only = await approver.get(`${path}?status=quarantined`).expect(200);
      expect(only.body.items).toHaveLength(1);

      await approver
        .post(`${path}/approve`, { definitions: [approval(tool('list'))] })
        .expect(409);
      await approver
        .post(`${path}/reject`, { definitions: [choice(changed)] })
        .expect(204);
      const { body } = await approver.get('/servers/gitlab').expect(200);
      expect(body.definitions).toMatchObject({ approved: 1, rejected: 1 });
    });

    it('show a server that left the catalog to approvers only', async () => {
      const { as, world, watch, lifecycle } = await start();
      await lifecycle.propose(GITLAB, people.proposer);
      world.entities = [serverEntity('jira')];
      await as('developer').post('/servers/refresh').expect(204);
      await watch.refresh();
      await as('developer').get('/servers/gitlab').expect(404);
      const { body } = await as('approver').get('/servers/gitlab').expect(200);
      expect(body).toMatchObject({ status: 'pending', present: false });
      await as('approver').post('/servers/gitlab/inspect').expect(409);
    });

    it.each([
      ['/servers/git_lab/propose', {}, 'name of a server'],
      ['/servers/__proto__/propose', {}, 'name of a server'],
      ['/servers/gitlab/propose', { reason: 7 }, 'reason'],
      ['/servers/gitlab/propose', { reason: 'a\u0000b' }, 'control characters'],
      ['/servers/gitlab/propose', { approve: true }, 'approve'],
      ['/servers/gitlab/approve', {}, 'definitions'],
      [
        '/servers/gitlab/definitions/approve',
        { definitions: [{ kind: 'tool', key: 'x', pin: 'refused' }] },
        'sha256',
      ],
      [
        '/servers/gitlab/definitions/approve',
        { definitions: [] },
        'definitions',
      ],
      [
        '/servers/gitlab/definitions/approve',
        { definitions: [{ ...approval(tool('x')), toolClass: 'any' }] },
        'toolClass',
      ],
    ])('refuse %s with %j', async (path, body, message) => {
      const { as } = await start();
      const refused = await as('approver').post(path, body).expect(400);
      expect(refused.body.error.message).toContain(message);
    });

    it('refuse a cursor of somewhere else', async () => {
      const { as } = await start();
      for (const query of ['cursor=x', 'cursor=W10', 'limit=0', 'status=new']) {
        const { status } = await as('approver').get(
          `/servers/gitlab/definitions?${query}`,
        );
        expect([query, status]).toEqual([query, 400]);
      }
    });
  },
);
