import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import express from 'express';
import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import request from 'supertest';
import { pageUsers } from '../__testUtils__/pageUsers';
import {
  ADA,
  BOB,
  createAudit,
  recordOf,
} from '../audit/__testUtils__/auditFixture';
import { createAuditRouter } from './audit';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const UUIDS: Record<string, string> = {
  'user:default/ada': ADA,
  'user:default/bob': BOB,
  'user:default/auditor': '00000000-0000-4000-8000-0000000000aa',
};

describe.each(databases.eachSupportedId())('Audit routes on %s', databaseId => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function start(
    options: {
      permissionsEnabled?: boolean;
      defaultCredentials?: BackstageCredentials;
    } = {},
  ) {
    const database = await databases.init(databaseId);
    const audit = await createAudit(database, {
      clock: () => new Date('2026-11-21T08:00:00Z'),
    });
    const event = { success: jest.fn(), fail: jest.fn() };
    const auditor = mockServices.auditor.mock({
      createEvent: jest.fn(async () => event),
    });
    const app = express();
    app.use(
      createAuditRouter({
        ...audit,
        auditor,
        users: pageUsers(
          user =>
            user === 'user:default/auditor' || user.startsWith('external:'),
          options,
        ),
        principalOf: async ({ principal }) => ({
          uuid: UUIDS[principal.userEntityRef],
        }),
      }),
    );
    app.use(mockErrorHandler());
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const as = (name: string) => {
      const header = mockCredentials.user.header(`user:default/${name}`);
      return {
        get: (path: string) =>
          request(server).get(path).set('authorization', header),
        post: (path: string, body: object) =>
          request(server).post(path).set('authorization', header).send(body),
      };
    };
    await audit.trail.append(recordOf({ target: 'by-ada' }));
    await audit.trail.append(
      recordOf({ target: 'by-bob', caller: { kind: 'user', uuid: BOB } }),
    );
    return { ...audit, database, auditor, as };
  }

  const targetsOf = (body: { items: Array<{ record: { target: string } }> }) =>
    body.items.map(({ record }) => record.target).sort();
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));

  it('shows users their own records, whatever they ask for', async () => {
    const { as } = await start();
    const own = await as('ada').get('/audit/records');
    expect(own.status).toBe(200);
    expect(targetsOf(own.body)).toEqual(['by-ada']);
    const others = await as('ada').get(`/audit/records?caller=${BOB}`);
    expect(targetsOf(others.body)).toEqual(['by-ada']);
    expect(
      targetsOf((await as('bob').get('/audit/records?target=by-ada')).body),
    ).toEqual([]);
    expect((await request(server).get('/audit/records')).status).toBe(401);
    const service = await request(server)
      .get('/audit/records')
      .set('authorization', mockCredentials.service.header());
    expect(service.status).toBe(403);
  });

  it('shows everything to those who may, and reports that they looked', async () => {
    const { as, auditor } = await start();
    const all = await as('auditor').get('/admin/audit/records?limit=10');
    expect(targetsOf(all.body)).toEqual(['by-ada', 'by-bob']);
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'audit-read',
      severityLevel: 'medium',
      meta: { principal: UUIDS['user:default/auditor'], limit: 10 },
    });
    const status = await as('auditor').get('/admin/audit/status');
    expect(status.body).toMatchObject({ state: 'ok', onFailure: 'deny' });
    const usage = await as('auditor').get(
      '/admin/audit/usage?from=2026-11-01&to=2026-11-30&by=day,tool,outcome',
    );
    expect(usage.body).toEqual({
      items: ['by-ada', 'by-bob'].map(tool => ({
        day: '2026-11-21',
        tool,
        outcome: 'ok',
        count: 1,
      })),
    });
  });

  const RANGE = 'from=2026-11-21&to=2026-11-21';

  it('shows others nothing, and nobody anything while permissions are off', async () => {
    const paths = [
      '/admin/audit/records',
      '/admin/audit/status',
      `/admin/audit/usage?${RANGE}&by=day`,
      `/admin/audit/export?${RANGE}`,
    ];
    const { as, auditor } = await start();
    for (const path of paths) {
      expect([path, (await as('ada').get(path)).status]).toEqual([path, 403]);
      expect([path, (await request(server).get(path)).status]).toEqual([
        path,
        401,
      ]);
    }
    expect((await as('ada').post('/admin/audit/verify', {})).status).toBe(403);
    expect(auditor.createEvent).not.toHaveBeenCalled();
    server.close();

    const off = await start({ permissionsEnabled: false });
    for (const path of paths) {
      expect((await off.as('auditor').get(path)).status).toBe(403);
    }
    expect((await off.as('ada').get('/audit/records')).status).toBe(200);
  });

  it.each([
    ['external:audit-export', ['mcp-portal.admin.audit.read'], 200],
    ['external:audit-export', ['mcp-portal.admin.policy.read'], 403],
    ['external:audit-export', undefined, 403],
    ['plugin:scaffolder', ['mcp-portal.admin.audit.read'], 403],
  ])(
    'lets in a service whose access names the permission: %s with %j',
    async (subject, permissionNames, expected) => {
      const { auditor } = await start({
        defaultCredentials: mockCredentials.service(
          subject,
          permissionNames && { permissionNames },
        ),
      });
      for (const path of [
        '/admin/audit/records',
        '/admin/audit/status',
        `/admin/audit/export?${RANGE}`,
      ]) {
        const { status } = await request(server).get(path);
        expect([path, status]).toEqual([path, expected]);
      }
      const verified = await request(server)
        .post('/admin/audit/verify')
        .send({});
      expect(verified.status).toBe(expected);
      expect((await request(server).get('/audit/records')).status).toBe(403);
      const reported = ['audit-read', 'audit-export', 'audit-verify'].map(
        eventId => ({ eventId, meta: { principal: subject } }),
      );
      expect(
        auditor.createEvent.mock.calls.map(([event]) => event),
      ).toMatchObject(expected === 200 ? reported : []);
    },
  );

  it.each([
    ['/admin/audit/records?limit=1000', 'limit'],
    ['/admin/audit/records?outcome=fine', 'outcome'],
    ['/admin/audit/records?from=yesterday', 'from'],
    ['/admin/audit/records?cursor=nonsense', 'cursor'],
    ['/admin/audit/records?server[]=a', 'server'],
    ['/admin/audit/records?tool=a', 'tool'],
    [`/admin/audit/usage?${RANGE}`, 'by'],
    [`/admin/audit/usage?${RANGE}&by=day,password`, 'by'],
    ['/admin/audit/usage?from=2020-01-01&to=2026-01-01&by=day', '400 days'],
    ['/admin/audit/export', 'from'],
    ['/admin/audit/export?from=2026-11-21&to=2026-11-20', '"from" has to be'],
    ['/admin/audit/export?from=2026-11-21T00:00:00Z&to=2026-11-22', 'from'],
    [`/admin/audit/export?${RANGE}&after=nonsense`, 'cursor'],
  ])('says what is wrong with %s', async (path, message) => {
    const { as } = await start();
    const answer = await as('auditor').get(path);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(message);
  });

  it('exports JSON lines that end with how many there were', async () => {
    const { as, auditor } = await start();
    const answer = await as('auditor').get(`/admin/audit/export?${RANGE}`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/jsonl; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'content-disposition':
        'attachment; filename="audit-2026-11-21-2026-11-21.jsonl"',
    });
    const [first, second, trailer] = linesOf(answer.text);
    expect([first.record.target, second.record.target]).toEqual([
      'by-ada',
      'by-bob',
    ]);
    expect(trailer).toMatchObject({ type: 'trailer', count: 2 });
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'audit-export' }),
    );
    const rest = await as('auditor').get(
      `/admin/audit/export?${RANGE}&after=${first.id}`,
    );
    expect(linesOf(rest.text)).toEqual([second, { ...trailer, count: 1 }]);
    const nothing = await as('auditor').get(
      '/admin/audit/export?from=2025-01-01&to=2025-01-01',
    );
    expect(linesOf(nothing.text)).toEqual([
      { type: 'trailer', count: 0, heads: [] },
    ]);
  });

  it('verifies, line by line, and finds what is wrong', async () => {
    const { as, database, auditor } = await start();
    const fine = await as('auditor').post('/admin/audit/verify', {});
    expect(linesOf(fine.text)).toEqual([
      { type: 'progress', day: '2026-11-21', chains: 0, records: 2 },
      expect.objectContaining({ type: 'result', ok: true, records: 2 }),
    ]);
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'audit-verify' }),
    );
    await database('audit_records').where({ seq: 1 }).delete();
    const wrong = await as('auditor').post('/admin/audit/verify', {
      from: '2026-11-21',
      to: '2026-11-21',
      anchors: [
        { day: '2026-11-20', writer: 'w', seq: 1, hash: '0'.repeat(64) },
      ],
    });
    expect(linesOf(wrong.text)).toEqual([
      expect.objectContaining({ kind: 'records-missing', seq: 1 }),
      expect.objectContaining({ type: 'progress' }),
      expect.objectContaining({ kind: 'chain-missing', writer: 'w' }),
      expect.objectContaining({ type: 'result', ok: false, problems: 2 }),
    ]);
    const bad = await as('auditor').post('/admin/audit/verify', {
      anchors: [{ day: 'x' }],
    });
    expect(bad.status).toBe(400);
    expect(bad.body.error.message).toContain('anchors[0].day');
  });

  it('answers with an error when nothing could be read, and breaks off when it could not go on', async () => {
    const { as, chains } = await start();
    const next = jest.spyOn(chains, 'nextChainId');
    next.mockRejectedValueOnce(new Error('the database is gone'));
    const failed = await as('auditor').get(`/admin/audit/export?${RANGE}`);
    expect(failed.status).toBe(500);

    next.mockRestore();
    const original = chains.nextChainId.bind(chains);
    jest
      .spyOn(chains, 'nextChainId')
      .mockImplementationOnce(original)
      .mockRejectedValueOnce(new Error('the database is gone'));
    await expect(
      as('auditor').get(`/admin/audit/export?${RANGE}`),
    ).rejects.toThrow('aborted');
  });
});
