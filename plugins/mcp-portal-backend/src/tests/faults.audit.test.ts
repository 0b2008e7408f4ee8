import { randomUUID } from 'node:crypto';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import {
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { recordingLogger } from '../__testUtils__/recordingLogger';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

/** What a client says that begins a session. */
const BEGINNING = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
};

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'a portal whose audit trail takes no more records (%s)',
  databaseId => {
    let tracker: ToolServer;

    beforeAll(async () => {
      tracker = await startToolServer([
        { name: 'list', annotations: { readOnlyHint: true } },
      ]);
    });
    beforeEach(() => {
      tracker.calls.length = 0;
    });
    afterAll(() => tracker?.stop());

    const start = async (onFailure?: string) => {
      const database: Knex = await databases.init(databaseId);
      const log = recordingLogger();
      const portal = await startPortal({
        servers: { tracker: tracker.url },
        logger: log.logger,
        config: { audit: { ...(onFailure && { onFailure }) } },
        features: [
          createServiceFactory({
            service: coreServices.database,
            deps: { plugin: coreServices.pluginMetadata },
            factory: ({ plugin }) => ({
              getClient: async () =>
                plugin.getId() === 'mcp-portal'
                  ? database
                  : databases.init('SQLITE_3'),
            }),
          }),
        ],
      });
      return { portal, database, log };
    };
    const breakTrail = (database: Knex) =>
      database.schema.renameTable('audit_records', 'audit_records_away');
    const mendTrail = (database: Knex) =>
      database.schema.renameTable('audit_records_away', 'audit_records');

    const ask = async (
      portal: TestPortal,
      method: string,
      params: Record<string, unknown> = {},
      era: 'legacy' | 'modern' = 'modern',
    ) => {
      const sent =
        era === 'modern'
          ? modernRpc(method, params)
          : { headers: {}, body: rpc(method, params) };
      return send(portal.endpoint(), {
        headers: { ...clientHeaders(portal.tokenOf()), ...sent.headers },
        body: sent.body,
      });
    };
    const call = (portal: TestPortal, era?: 'legacy' | 'modern') =>
      ask(portal, 'tools/call', { name: 'tracker_list', arguments: {} }, era);
    const statusOf = async (portal: TestPortal) => {
      const auditor = addUser(portal, 'auditor', randomUUID());
      return (await askAs(portal, auditor, 'GET', '/admin/audit/status')).body;
    };

    it('calls nothing and lists nothing, and goes on by itself', async () => {
      const { portal, database, log } = await start();
      try {
        expect((await call(portal)).message.result.isError).toBeFalsy();
        await breakTrail(database);
        // The first may find out. It is not answered either.
        const answers = [await call(portal)];
        const reached = tracker.calls.length;
        expect(reached).toBeLessThanOrEqual(2);
        answers.push(
          await call(portal),
          await call(portal, 'legacy'),
          await ask(portal, 'tools/list'),
          await ask(portal, 'server/discover'),
          await ask(portal, 'initialize', BEGINNING, 'legacy'),
        );
        for (const { message, text } of answers) {
          expect(message.error.message).toContain('Try again');
          expect(text).not.toMatch(/audit_records|table|relation|tracker_list/);
        }
        expect(tracker.calls).toHaveLength(reached);
        expect(await statusOf(portal)).toMatchObject({
          state: 'failing',
          onFailure: 'deny',
          lastError: expect.any(String),
        });
        expect(log.text()).toContain(
          'THE AUDIT TRAIL FAILS: calls are refused',
        );

        await mendTrail(database);
        await new Promise(resolve => setTimeout(resolve, 1_100));
        expect((await call(portal)).message.result.isError).toBeFalsy();
        expect(await statusOf(portal)).toMatchObject({ state: 'ok' });
      } finally {
        await portal.stop();
      }
    });

    it('goes on where it is told to (onFailure: degrade), says so, and has each record in the log', async () => {
      const { portal, database, log } = await start('degrade');
      try {
        await breakTrail(database);
        for (const era of ['modern', 'legacy'] as const) {
          const { message } = await call(portal, era);
          expect(message.result.isError).toBeFalsy();
        }
        const { message } = await ask(portal, 'tools/list');
        expect(JSON.stringify(message.result)).toContain('tracker_list');
        expect(tracker.calls).toHaveLength(2);

        expect(await statusOf(portal)).toMatchObject({
          state: 'failing',
          onFailure: 'degrade',
          uncommittedRecords: 3,
          lastError: expect.any(String),
          lastFailureAt: expect.any(String),
        });
        const text = log.text();
        expect(text).toContain('THE AUDIT TRAIL FAILS: calls go on');
        const logged = [...text.matchAll(/"auditRecord":("(?:[^"\\]|\\.)*")/g)]
          .map(([, json]) => JSON.parse(JSON.parse(json)))
          .map(({ action, target, outcome }) => [action, target, outcome]);
        expect(logged).toEqual([
          ['tools/call', 'list', 'ok'],
          ['tools/call', 'list', 'ok'],
          ['tools/list', undefined, 'ok'],
        ]);

        await mendTrail(database);
        await call(portal);
        expect(await statusOf(portal)).toMatchObject({
          state: 'ok',
          uncommittedRecords: 3,
        });
        const records = await auditRecords(
          portal,
          'action=tools/call&target=list',
        );
        expect(records).toHaveLength(1);
      } finally {
        await portal.stop();
      }
    });
  },
);
