import {
  mockServices,
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type { Knex } from 'knex';
import { sourceDocument, sourceModel } from './__testUtils__/sourceModels';
import { startSource, TestSource } from './__testUtils__/startSource';
import { MIGRATIONS, migrate } from '../database/migrate';
import { readModelsConfig } from './config';
import { createModels, scheduleRefresh } from './createModels';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const logger = mockServices.logger.mock();

const anthropic = (...models: string[]) => ({
  anthropic: models.map(model => sourceModel(model)),
});

describe.each(databases.eachSupportedId())('refreshing models (%s)', id => {
  let database: Knex;
  let source: TestSource;

  beforeAll(async () => {
    database = await databases.init(id as TestDatabaseId);
    await migrate(database);
    source = await startSource();
  });

  afterAll(() => source.close());

  beforeEach(async () => {
    await database('model_catalogue').delete();
    source.asked.length = 0;
    jest.clearAllMocks();
  });

  const readConfig = (models: object = {}, providers: object = {}) =>
    readModelsConfig(
      new ConfigReader({
        aiProxy: {
          providers: { anthropic: { api: 'anthropic' }, ...providers },
          models: { url: source.url, ...models },
        },
      } as never),
    );

  const startReplica = async (models?: object, providers?: object) => {
    const { catalogue, refresh } = await createModels({
      config: readConfig(models, providers),
      database,
      logger,
      fetch,
    });
    return { catalogue, refresh: refresh! };
  };

  it('begins with what comes with this version, without asking anybody', async () => {
    const { catalogue } = await startReplica();
    expect(catalogue.find('anthropic', 'claude-opus-5')).toBeDefined();
    expect(catalogue.status()).toMatchObject({
      origin: 'snapshot',
      missingProviders: [],
    });
    expect(source.asked).toEqual([]);
  });

  it('takes what the source has, and so do the other replicas without asking', async () => {
    const [one, two] = [await startReplica(), await startReplica()];
    source.serve(sourceDocument(anthropic('claude-x')), '"1"');
    await one.refresh.refresh();
    expect(one.catalogue.find('anthropic', 'claude-x')).toBeDefined();
    expect(one.catalogue.status()).toMatchObject({
      origin: 'source',
      etag: '"1"',
    });
    expect(two.catalogue.find('anthropic', 'claude-x')).toBeUndefined();
    await two.refresh.load();
    expect(two.catalogue.find('anthropic', 'claude-x')).toBeDefined();
    const three = await startReplica();
    expect(three.catalogue.find('anthropic', 'claude-x')).toBeDefined();
    expect(three.catalogue.status()).toMatchObject({ origin: 'source' });
    expect(source.asked).toHaveLength(1);
  });

  it('asks only for what has changed, and tells listeners only then', async () => {
    const { catalogue, refresh } = await startReplica();
    const listener = jest.fn();
    catalogue.onChange(listener);
    source.serve(sourceDocument(anthropic('claude-x')), '"1"');
    await refresh.refresh();
    const { asOf } = catalogue.status();
    await refresh.refresh();
    expect(source.asked.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([
      undefined,
      '"1"',
    ]);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(catalogue.status().asOf).toBe(asOf);
    expect(catalogue.status().checkedAt! > asOf).toBe(true);
    // The same models in another answer are no change either.
    source.serve(sourceDocument(anthropic('claude-x')), '"2"');
    await refresh.refresh();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(catalogue.status().asOf).toBe(asOf);
  });

  it('keeps models in use that the source has no more', async () => {
    const { catalogue, refresh } = await startReplica();
    source.serve(sourceDocument(anthropic('claude-x', 'claude-y')));
    await refresh.refresh();
    source.serve(sourceDocument(anthropic('claude-y')));
    await refresh.refresh();
    expect(catalogue.find('anthropic', 'claude-x')).toMatchObject({
      status: 'deprecated',
      prices: { input: 3 },
    });
    expect(catalogue.list().map(model => model.id)).toEqual(['claude-y']);
    // Those that come with this version, as well.
    expect(
      catalogue.find('anthropic', 'claude-opus-5')?.goneSince,
    ).toBeDefined();
  });

  it.each([
    ['an error', 500, 'no', 'answers 500'],
    ['something else', 200, '<html>', 'not JSON'],
    ['a document without its providers', 200, '{"q": {}}', 'no models of any'],
  ])(
    'keeps the last good models when it gets %s, and all replicas say so',
    async (_, status, body, message) => {
      const [one, two] = [await startReplica(), await startReplica()];
      source.serve(sourceDocument(anthropic('claude-x')), '"1"');
      await one.refresh.refresh();
      source.answer((__, response) => response.writeHead(status).end(body));
      await one.refresh.refresh();
      await two.refresh.load();
      for (const { catalogue } of [one, two]) {
        expect(catalogue.find('anthropic', 'claude-x')).toBeDefined();
        expect(catalogue.status().problem?.message).toContain(message);
      }
      expect(logger.warn).toHaveBeenCalledTimes(1);
      source.serve(sourceDocument(anthropic('claude-x')), '"1"');
      await one.refresh.refresh();
      expect(one.catalogue.status().problem).toBeUndefined();
      expect(source.asked.at(-1)?.ifNoneMatch).toBe('"1"');
    },
  );

  it('says what is wrong before there was ever an answer', async () => {
    const { catalogue, refresh } = await startReplica();
    source.answer((_, response) => response.destroy());
    await refresh.refresh();
    expect(catalogue.status()).toMatchObject({
      origin: 'snapshot',
      problem: { message: expect.stringContaining('fetch failed: ') },
    });
  });

  it('says nothing of what may be secret in the URL', async () => {
    const { catalogue, refresh } = await createModels({
      config: readConfig({ url: `${source.url}?token=secret` }),
      database,
      logger,
      fetch: async url => {
        throw new Error(`could not fetch ${url}`);
      },
    });
    await refresh!.refresh();
    expect(catalogue.status().problem?.message).toContain('could not fetch');
    expect(JSON.stringify(catalogue.status())).not.toContain('secret');
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain('secret');
  });

  it('counts models that cannot be read', async () => {
    const { catalogue, refresh } = await startReplica();
    source.serve({
      anthropic: { models: { good: sourceModel('good'), bad: {} } },
    });
    await refresh.refresh();
    expect(catalogue.find('anthropic', 'good')).toBeDefined();
    expect(catalogue.status().skipped).toMatchObject({ count: 1 });
  });

  it('asks anew when another provider was configured, which has what comes with this version until then', async () => {
    const before = await startReplica();
    source.serve(
      sourceDocument({
        ...anthropic('claude-x'),
        openai: [sourceModel('gpt-x')],
      }),
      '"1"',
    );
    await before.refresh.refresh();
    const after = await startReplica({}, { openai: { api: 'openai' } });
    expect(after.catalogue.find('anthropic', 'claude-x')).toBeDefined();
    expect(after.catalogue.find('openai', 'gpt-4o')).toBeDefined();
    await after.refresh.refresh();
    expect(after.catalogue.find('openai', 'gpt-x')).toBeDefined();
    expect(source.asked.at(-1)?.ifNoneMatch).toBeUndefined();
    // One that does not know the provider takes nothing away.
    source.serve(
      sourceDocument({
        ...anthropic('claude-y'),
        openai: [sourceModel('gpt-y')],
      }),
      '"2"',
    );
    await before.refresh.refresh();
    await after.refresh.load();
    expect(after.catalogue.find('anthropic', 'claude-y')).toBeDefined();
    expect(after.catalogue.find('openai', 'gpt-x')).toBeDefined();
    await after.refresh.refresh();
    expect(after.catalogue.find('openai', 'gpt-y')).toBeDefined();
  });

  it('keeps the models of a provider that is away altogether, and says so', async () => {
    const both = { ...anthropic('claude-x'), openai: [sourceModel('gpt-x')] };
    const { catalogue, refresh } = await startReplica(
      {},
      { openai: { api: 'openai' } },
    );
    source.serve(sourceDocument(both));
    await refresh.refresh();
    source.serve(sourceDocument(anthropic('claude-x')));
    await refresh.refresh();
    expect(catalogue.list('openai').map(model => model.id)).toEqual(['gpt-x']);
    expect(catalogue.status().missingProviders).toEqual(['openai']);
    source.serve(sourceDocument(both));
    await refresh.refresh();
    expect(catalogue.status().missingProviders).toEqual([]);
  });

  it('goes back to what comes with this version when the source is another one, or older', async () => {
    const before = await startReplica();
    source.serve(sourceDocument(anthropic('claude-x')));
    await before.refresh.refresh();
    const other = await startReplica({ url: `${source.url}?other` });
    expect(other.catalogue.status().origin).toBe('snapshot');
    await database('model_catalogue').update({
      as_of: new Date('2020-01-01'),
      checked_at: new Date('2020-01-01'),
    });
    const after = await startReplica();
    expect(after.catalogue.status().origin).toBe('snapshot');
  });

  it('takes what was stored long ago when the source says that it still has it', async () => {
    const before = await startReplica();
    source.serve(sourceDocument(anthropic('claude-x')), '"1"');
    await before.refresh.refresh();
    await database('model_catalogue').update({
      as_of: new Date('2020-01-01'),
      checked_at: new Date('2020-01-01'),
    });
    const [one, two] = [await startReplica(), await startReplica()];
    await one.refresh.refresh();
    await two.refresh.load();
    expect(source.asked.at(-1)?.ifNoneMatch).toBe('"1"');
    for (const { catalogue } of [one, two]) {
      expect(catalogue.find('anthropic', 'claude-x')).toBeDefined();
      expect(catalogue.status().origin).toBe('source');
    }
  });

  it('does without the database, and without what is stored there when it is broken', async () => {
    const { refresh } = await startReplica();
    source.serve(sourceDocument(anthropic('claude-x')));
    await refresh.refresh();
    await database('model_catalogue').update({
      document: Buffer.from('broken'),
    });
    const broken = await startReplica();
    expect(broken.catalogue.find('anthropic', 'claude-opus-5')).toBeDefined();
    source.serve(sourceDocument(anthropic('claude-y')));
    await broken.refresh.refresh();
    expect(broken.catalogue.find('anthropic', 'claude-y')).toBeDefined();
    await database.schema.renameTable('model_catalogue', 'away');
    await broken.refresh.refresh();
    await database.schema.renameTable('away', 'model_catalogue');
    expect(broken.catalogue.find('anthropic', 'claude-y')).toBeDefined();
  });

  it('asks nobody when the source is switched off', async () => {
    const config = readConfig({ url: false });
    const { catalogue, refresh } = await createModels({
      config,
      database,
      logger,
      fetch,
    });
    expect(refresh).toBeUndefined();
    expect(catalogue.status()).toMatchObject({ url: null });
    expect(catalogue.find('anthropic', 'claude-opus-5')).toBeDefined();
  });

  it('is a task of one replica, and one of each', async () => {
    const { refresh } = await startReplica();
    const scheduler = mockServices.scheduler.mock();
    await scheduleRefresh({
      scheduler,
      refresh,
      config: readConfig({ refresh: { minutes: 30 } }),
    });
    expect(
      scheduler.scheduleTask.mock.calls.map(([task]) => [
        task.id,
        task.scope,
        task.frequency,
      ]),
    ).toEqual([
      ['refresh-models', undefined, { milliseconds: 1_800_000 }],
      ['load-models', 'local', { seconds: 60 }],
    ]);
  });

  it('leaves nothing behind when its table is taken away', async () => {
    const migration = {
      ...MIGRATIONS,
      name: '20261122010100_model_catalogue.js',
    };
    await database.migrate.down(migration);
    expect(await database.schema.hasTable('model_catalogue')).toBe(false);
    await database.migrate.up(migration);
    expect(await database.schema.hasTable('model_catalogue')).toBe(true);
  });
});
