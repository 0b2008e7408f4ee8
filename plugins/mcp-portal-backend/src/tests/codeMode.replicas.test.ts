import { randomUUID } from 'node:crypto';
import {
  BackendFeature,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { CodePortal, startCodePortal } from '../__testUtils__/codePortal';
import { addUser } from '../__testUtils__/pages';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const describeReplicas = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

describeReplicas('code that waits for a person', () => {
  let replicas: CodePortal[];
  let portalDatabase: Knex;
  let database: BackendFeature;

  beforeAll(async () => {
    portalDatabase = await databases.init('POSTGRES_15');
    const shared = new Map([
      ['mcp-portal', portalDatabase],
      ['catalog', await databases.init('POSTGRES_15')],
    ]);
    database = createServiceFactory({
      service: coreServices.database,
      deps: { plugin: coreServices.pluginMetadata },
      factory: ({ plugin }) => ({
        getClient: async () =>
          shared.get(plugin.getId()) ?? databases.init('SQLITE_3'),
      }),
    });
    const first = await startCodePortal({
      holdMs: 1_000,
      features: [database],
    });
    const { tracker } = first;
    replicas = [
      first,
      await startCodePortal({ holdMs: 1_000, features: [database], tracker }),
    ];
  });

  afterAll(async () => {
    for (const replica of replicas?.reverse() ?? []) {
      await replica.stop();
    }
  });

  it('goes on at another replica, once', async () => {
    const ada = randomUUID();
    const [one, other] = replicas;
    replicas.forEach(({ portal }) => addUser(portal, 'ada', ada));
    const paused = await one.execute(
      `const { title } = await codemode.tracker_create_issue({ title: String(Math.random()) });
       return [title, await codemode.tracker_close_issue({ title })];`,
      { uuid: ada },
    );
    await other.decide('approve');
    const answers = await Promise.all(
      [other, one, other, one].map(({ execute }) =>
        execute(`codemode.resume("${paused.id}")`, { uuid: ada }),
      ),
    );
    const [answer, ...more] = answers.filter(({ isError }) => !isError);
    expect(more).toEqual([]);
    expect(JSON.parse(answer.text)).toEqual([
      expect.stringMatching(/^0\./),
      'closed',
    ]);
    expect(one.called()).toEqual(['create_issue', 'close_issue']);
    expect(await one.executionOf('user:default/ada', paused.id)).toMatchObject({
      state: 'ok',
    });
  });

  it('says what was done when it cannot be stored', async () => {
    const ada = randomUUID();
    const [one] = replicas;
    addUser(one.portal, 'ada', ada);
    const running = one.execute(
      `await codemode.tracker_create_issue({ title: 'x' });
       return codemode.tracker_close_issue({ title: 'x' });`,
      { uuid: ada },
    );
    await one.somethingWaits();
    await portalDatabase.raw(
      "alter table code_executions add constraint full_up check (state <> 'paused') not valid",
    );
    try {
      const { text } = await running;
      expect(text).toContain('could not be stored');
      expect(text).toContain('1. tracker_create_issue: ok');
    } finally {
      await portalDatabase.raw(
        'alter table code_executions drop constraint full_up',
      );
    }
  });

  it('hears nothing of how the portal works when that fails', async () => {
    const ada = randomUUID();
    const [one] = replicas;
    addUser(one.portal, 'ada', ada);
    await portalDatabase.schema.renameTable('approvals', 'away');
    try {
      const { text } = await one.execute(
        `await codemode.tracker_create_issue({ title: 'x' });
         return codemode.tracker_close_issue({ title: 'x' });`,
        { uuid: ada },
      );
      expect(text).toContain('cannot say what came of this call');
      expect(text).not.toMatch(/select|relation|database/i);
      expect(text).toContain('1. tracker_create_issue: ok');
    } finally {
      await portalDatabase.schema.renameTable('away', 'approvals');
    }
  });

  it('fails in the code when many executions of its user wait already', async () => {
    const ada = randomUUID();
    const [one] = replicas;
    addUser(one.portal, 'ada', ada);
    const code = `return codemode.tracker_close_issue({ title: 'many' });`;
    const paused = await one.execute(code, { uuid: ada });
    expect(paused.text).toContain('codemode.resume');
    const row = await portalDatabase('code_executions')
      .where({ id: paused.id })
      .first();
    await portalDatabase('code_executions').insert(
      Array.from({ length: 19 }, () => ({ ...row, id: randomUUID() })),
    );
    const failed = await one.execute(`${code}\n// another`, { uuid: ada });
    expect(failed.text).toContain('waits for a person to approve it');
    expect(failed.text).not.toContain('codemode.resume');
    await one.decide('deny');
  });

  it('goes on elsewhere when its replica stops', async () => {
    const ada = randomUUID();
    const [{ tracker }, other] = replicas;
    tracker.calls.length = 0;
    const features = [database];
    const stopping = await startCodePortal({
      holdMs: 50_000,
      features,
      tracker,
    });
    [stopping, other].forEach(({ portal }) => addUser(portal, 'ada', ada));
    const code = `
      await codemode.tracker_create_issue({ title: 'x' });
      return codemode.tracker_close_issue({ title: 'x' });`;
    const told = stopping.execute(code, { uuid: ada }).catch(() => undefined);
    await stopping.somethingWaits();
    await stopping.stop();
    await told;
    await other.decide('approve');
    expect(await other.execute(code, { uuid: ada })).toMatchObject({
      isError: false,
      text: '"closed"',
    });
    expect(other.called()).toEqual(['create_issue', 'close_issue']);
  });
});
