import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { AdminPermissions } from '@prompt-corner/plugin-agent-auth-node';
import express from 'express';
import { once } from 'node:events';
import { createServer, get, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import {
  ADA,
  BOB,
  CY,
  eventOf,
  makeTables,
  SETTINGS,
  storeEvents,
} from '../__testUtils__/usageFixture';
import { UsageExport } from '../export';
import { UsageReports } from '../reports';
import { createUsageRoutes } from './createUsageRoutes';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const PAYMENTS = 'group:default/payments';
const USERS: Record<string, { uuid: string; teams: string[] }> = {
  'user:default/ada': { uuid: ADA, teams: [PAYMENTS] },
  'user:default/bob': { uuid: BOB, teams: [] },
  'user:default/lead': { uuid: CY, teams: [] },
};
const NOVEMBER = 'from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z';

describe.each(databases.eachSupportedId())('Usage routes on %s', databaseId => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function start(
    options: {
      permissionsEnabled?: boolean;
      defaultCredentials?: BackstageCredentials;
      maxEvents?: number;
    } = {},
  ) {
    const database = await databases.init(databaseId);
    await makeTables(database);
    const success = jest.fn();
    const auditor = mockServices.auditor.mock({
      createEvent: jest.fn(async () => ({ success, fail: jest.fn() })),
    });
    const logger = mockServices.logger.mock();
    const clock = () => new Date('2026-11-21T12:00:00Z');
    const app = express();
    app.use(
      createUsageRoutes({
        reports: new UsageReports({
          database,
          settings: SETTINGS,
          userCount: { count: async () => 10 },
          isOpenWeight: () => false,
          logger,
          clock,
        }),
        usageExport: new UsageExport({
          database,
          maxEvents: options.maxEvents,
        }),
        httpAuth: mockServices.httpAuth({
          defaultCredentials:
            options.defaultCredentials ?? mockCredentials.none(),
        }),
        admins: new AdminPermissions({
          permissions: mockServices.permissions.mock({
            authorize: async (questions, { credentials }: any) => {
              const { userEntityRef, subject } = credentials.principal;
              const result =
                userEntityRef === 'user:default/lead' || subject
                  ? AuthorizeResult.ALLOW
                  : AuthorizeResult.DENY;
              return questions.map(() => ({ result })) as never;
            },
          }),
          config: new ConfigReader({
            permission: { enabled: options.permissionsEnabled ?? true },
          }),
        }),
        agentAuth: {
          userOf: async entityRef => {
            if (!USERS[entityRef]) {
              throw new NotAllowedError('You are not in the catalog any more');
            }
            return { entityRef, ...USERS[entityRef] };
          },
        },
        auditor,
        logger,
        clock,
      }),
    );
    app.use(mockErrorHandler());
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ask = (name: string, path: string) =>
      request(server)
        .get(path)
        .set(
          'authorization',
          mockCredentials.user.header(`user:default/${name}`),
        );
    return { database, auditor, ask };
  }

  const EVENTS = [
    eventOf({ session: 'a', teams: [PAYMENTS], costNanoUsd: 3 }),
    eventOf({
      principal: BOB,
      teams: [PAYMENTS],
      costNanoUsd: 20,
      detectors: ['pii.email', 'secret.npm'],
    }),
    eventOf({ principal: CY, teams: [], costNanoUsd: 100 }),
  ];

  const ORGANISATION = [
    '',
    '/adoption',
    '/savings',
    '/users',
    '/anomalies',
  ].map(path => `/usage/organisation${path}`);

  it('show users their own usage, whoever they are', async () => {
    const { database, ask } = await start();
    await storeEvents(database, EVENTS);
    const own = await ask('ada', `/usage/mine?by=model&interval=day`);
    expect(own.status).toBe(200);
    expect(own.headers['cache-control']).toBe('no-store');
    expect(own.body).toMatchObject({
      from: '2026-10-22T12:00:00.000Z',
      to: '2026-11-21T12:00:00.000Z',
      totals: { requests: 1, costNanoUsd: 3 },
      groups: [{ key: { model: 'claude-sonnet-4-5' }, costNanoUsd: 3 }],
      timeline: [{ start: '2026-11-21T00:00:00.000Z', costNanoUsd: 3 }],
    });
    const sessions = await ask('ada', '/usage/mine/sessions');
    expect(sessions.body.items).toMatchObject([{ session: 'a' }]);
    expect((await ask('bob', '/usage/mine/sessions')).body.items).toEqual([]);
    expect((await ask('stranger', '/usage/mine')).status).toBe(403);
    expect((await request(server).get('/usage/mine')).status).toBe(401);
    const other = await ask('ada', `/usage/mine?principal=${BOB}`);
    expect(other.status).toBe(400);
  });

  it('show members what a team did together, without who did what', async () => {
    const { database, ask, auditor } = await start();
    await storeEvents(database, EVENTS);
    const path = `/usage/teams/${encodeURIComponent(PAYMENTS)}`;
    const team = await ask('ada', `${path}?by=client`);
    expect(team.body).toMatchObject({
      totals: { requests: 2, costNanoUsd: 23, activeUsers: 2 },
      groups: [{ key: { client: 'opencode' } }],
    });
    expect(JSON.stringify(team.body)).not.toContain(ADA);
    for (const query of ['by=principal', 'by=team', `principal=${ADA}`]) {
      expect([query, (await ask('ada', `${path}?${query}`)).status]).toEqual([
        query,
        400,
      ]);
    }
    const outside = await ask('bob', path);
    expect(outside.status).toBe(403);
    expect(outside.body.error.message).toContain('ai-proxy.usage.read');
    expect((await ask('bob', '/usage/teams/nowhere')).status).toBe(403);
    expect((await ask('lead', '/usage/teams/Payments')).body.totals).toEqual(
      team.body.totals,
    );
    const wrong = await ask('ada', '/usage/teams/user%3Aada');
    expect([wrong.status, wrong.body.error.message]).toEqual([
      400,
      '"user:ada" is not the entity ref of a group, such as group:default/payments',
    ]);
    expect(auditor.createEvent).not.toHaveBeenCalled();
  });

  it('show the organisation to whom the permission allows it, and record who looked at people', async () => {
    const { database, ask, auditor } = await start();
    await storeEvents(database, EVENTS);
    const all = await ask('lead', '/usage/organisation?by=team');
    expect(all.body).toMatchObject({
      totals: { requests: 3, costNanoUsd: 123 },
      groups: [
        { key: { team: '' }, costNanoUsd: 100 },
        { key: { team: PAYMENTS }, costNanoUsd: 23 },
      ],
    });
    const adoption = await ask('lead', '/usage/organisation/adoption');
    expect(adoption.body).toMatchObject({ activeUsers: 3, adoptionRate: 0.3 });
    const savings = await ask('lead', '/usage/organisation/savings');
    expect(savings.body.proprietary.requests).toBe(3);
    expect(auditor.createEvent).not.toHaveBeenCalled();

    const users = await ask('lead', `/usage/organisation/users?${NOVEMBER}`);
    expect(users.body.items.map((item: any) => item.principal)).toEqual([
      CY,
      BOB,
      ADA,
    ]);
    const one = await ask('lead', `/usage/organisation?principal=${ADA}`);
    expect(one.body.totals.costNanoUsd).toBe(3);
    const theirs = await ask(
      'lead',
      `/usage/organisation/savings?principal=${ADA}`,
    );
    expect(theirs.body.proprietary.requests).toBe(1);
    expect(
      (await ask('lead', '/usage/organisation/anomalies')).body,
    ).toMatchObject({ items: [], comparedSince: '2026-10-22T12:00:00.000Z' });
    const reads = auditor.createEvent.mock.calls.map(([event]) => event);
    expect(reads).toEqual(
      [
        { from: '2026-11-01T00:00:00Z', to: '2026-11-30T00:00:00Z' },
        { principals: [ADA] },
        { principals: [ADA] },
        {},
      ].map(meta => ({
        eventId: 'usage-read',
        severityLevel: 'medium',
        meta: { principal: CY, ...meta },
      })),
    );
  });

  it('show others nothing, and nobody anything while permissions are off', async () => {
    const { ask, auditor } = await start();
    const paths = [...ORGANISATION, '/usage/export?of=organisation'];
    for (const path of paths) {
      expect([path, (await ask('ada', path)).status]).toEqual([path, 403]);
      expect([path, (await request(server).get(path)).status]).toEqual([
        path,
        401,
      ]);
    }
    expect(auditor.createEvent).not.toHaveBeenCalled();
    server.close();
    const off = await start({ permissionsEnabled: false });
    for (const path of paths) {
      expect([path, (await off.ask('lead', path)).status]).toEqual([path, 403]);
    }
    expect((await off.ask('ada', '/usage/mine')).status).toBe(200);
  });

  it.each([
    ['external:report', ['ai-proxy.usage.read'], 200],
    ['external:report', ['catalog.entity.read'], 403],
    ['external:report', undefined, 403],
    ['plugin:scaffolder', undefined, 403],
  ])(
    'let in a service whose access names the permission: %s with %j',
    async (subject, permissionNames, expected) => {
      await start({
        defaultCredentials: mockCredentials.service(
          subject,
          permissionNames && { permissionNames },
        ),
      });
      for (const path of [...ORGANISATION, '/usage/export?of=organisation']) {
        const { status } = await request(server).get(path);
        expect([path, status]).toEqual([path, expected]);
      }
      expect((await request(server).get('/usage/mine')).status).toBe(403);
    },
  );

  const BAD_QUESTIONS = [
    ['/usage/mine?limit=1000', 'limit'],
    ['/usage/mine?interval=minute', 'interval'],
    ['/usage/mine?from=yesterday', 'from'],
    ['/usage/mine?timeZone=Mars/Olympus', 'such as Europe/Berlin'],
    ['/usage/mine?by=password', 'by'],
    ['/usage/mine?by=model,client,api,provider', 'at most 3 dimensions'],
    ['/usage/mine?colour=red', 'colour'],
    ['/usage/mine?model[a]=b', 'model'],
    [`/usage/mine?${new Array(51).fill('model=a').join('&')}`, 'model'],
    ['/usage/mine?model=%00', 'model'],
    [
      '/usage/mine?from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z',
      '"from" has to be before "to"',
    ],
    ['/usage/mine?from=2020-01-01T00:00:00Z', 'At most 400 days'],
    [
      '/usage/mine?from=2026-06-01T00:00:00Z&interval=hour',
      'At most 31 days by the hour',
    ],
    ['/usage/organisation?team=user:default/ada', 'entity ref of a group'],
    ['/usage/organisation/users?offset=-1', 'offset'],
    ['/usage/organisation/adoption?team=a:b:c', 'entity ref of a group'],
    ['/usage/export?format=xlsx', 'format'],
    ['/usage/export?after=nonsense', '"after" is not where'],
    ['/usage/export?from=2026-09-01T00:00:00Z', 'At most 31 days'],
  ];

  it('say what is wrong with a question', async () => {
    const { ask } = await start();
    for (const [path, message] of BAD_QUESTIONS) {
      const { status, body } = await ask('lead', path);
      expect([path, status, body.error.message]).toEqual([
        path,
        400,
        expect.stringContaining(message),
      ]);
    }
  });

  it('export requests as files, each user their own', async () => {
    const { database, ask, auditor } = await start();
    await storeEvents(database, EVENTS);
    const csv = await ask('ada', `/usage/export?${NOVEMBER}`);
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'cache-control': 'no-store, no-transform',
      'content-disposition':
        'attachment; filename="ai-usage-mine-2026-11-01.csv"',
      'x-usage-limit': '500000',
    });
    expect(csv.headers['x-usage-next']).toBeUndefined();
    const lines = csv.text.split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`"${EVENTS[0].id}"`);

    const all = await ask(
      'lead',
      `/usage/export?${NOVEMBER}&of=organisation&format=ndjson`,
    ).buffer(true);
    const events = all.text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(
      events.sort((one, other) => one.costNanoUsd - other.costNanoUsd),
    ).toEqual(EVENTS);
    expect(auditor.createEvent).toHaveBeenCalledTimes(1);
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'usage-export' }),
    );
    const none = await ask('ada', '/usage/export?to=2026-01-01T00:00:00Z');
    expect(none.text.split('\r\n')).toHaveLength(2);
  });

  it('say where an export goes on when there is more than one takes', async () => {
    const { database, ask } = await start({ maxEvents: 1_500 });
    const events = Array.from({ length: 3_200 }, (_, n) =>
      eventOf({ at: `2026-11-21T08:0${n % 3}:00.000Z` }),
    );
    await storeEvents(database, events);
    const seen: string[] = [];
    const sizes: number[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const page = await ask(
        'ada',
        `/usage/export?format=ndjson${next && `&after=${next}`}`,
      ).buffer(true);
      const lines = page.text.trimEnd().split('\n');
      seen.push(...lines.map(line => JSON.parse(line).id));
      sizes.push(lines.length);
      next = page.headers['x-usage-next'];
    }
    expect(sizes).toEqual([1_500, 1_500, 200]);
    expect(new Set(seen)).toEqual(new Set(events.map(({ id }) => id)));
    expect(seen).toHaveLength(3_200);
  });

  it('read no more of an export than the client does, and end when it goes', async () => {
    const { database } = await start({
      defaultCredentials: mockCredentials.user('user:default/ada'),
    });
    const long = 'm'.repeat(256);
    await storeEvents(
      database,
      Array.from({ length: 20_000 }, () =>
        eventOf({ requestedModel: long, model: long, session: long }),
      ),
    );
    let pages = 0;
    database.on('query', ({ sql }: { sql: string }) => {
      pages += sql.includes('usage_series') ? 1 : 0;
    });
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(
      get({ port, path: '/usage/export?format=ndjson' }),
      'response',
    )) as [IncomingMessage];
    let read = 0;
    for await (const chunk of response) {
      read += chunk.length;
      if (read > 2_000_000) {
        break;
      }
    }
    await new Promise<void>(resolve => {
      server.getConnections((_, count) => count || resolve());
      server.on('close', () => resolve());
      server.close();
    });
    // Twenty would be all. Some are in the buffers of the two sockets.
    expect(pages).toBeLessThan(15);
  });
});
