import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createMockDirectory,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { MIGRATIONS } from './__testUtils__/migrations';
import { createSource } from './AgentConfigSource';
import { AgentConfigs } from './AgentConfigs';
import { DatabaseDocumentStore, DocumentStore } from './DocumentStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const folder = createMockDirectory();

describe.each(databases.eachSupportedId())(
  'The configuration of coding tools on %s',
  databaseId => {
    async function configsOf(store?: DocumentStore) {
      const logger = mockServices.logger.mock();
      const configs = new AgentConfigs({
        source: createSource(
          { kind: 'directory', directory: folder.path },
          mockServices.urlReader.mock(),
        ),
        store: store ?? (await storeOf()),
        logger,
      });
      return { configs, logger };
    }

    async function storeOf() {
      const database = await databases.init(databaseId);
      await database.migrate.latest(MIGRATIONS);
      return new DatabaseDocumentStore(database);
    }

    const write = (path: string, text: string) =>
      folder.addContent({ [path]: text });

    beforeEach(() => folder.clear());

    it('keeps the last good version while the source is broken, over a restart too, and says so', async () => {
      const store = await storeOf();
      write('agents/reviewer.md', 'You review.');
      write(
        'permissions.yaml',
        "bash:\n  '*': ask\n  'z*': deny\n  'a*': allow\n",
      );
      const { configs, logger } = await configsOf(store);
      await configs.load();
      await configs.refresh();
      const good = configs.current;
      const { version } = configs.status();
      expect(good.organisation.config.agent).toEqual({
        reviewer: { prompt: 'You review.' },
      });
      expect(configs.status()).toMatchObject({ stale: false, problems: [] });

      write('agents/reviewer.md', '---\nmode: often\n---\nYou review.');
      await configs.refresh();
      expect(configs.current).toBe(good);
      expect(configs.status()).toMatchObject({
        version,
        stale: true,
        problems: [{ file: 'agents/reviewer.md', line: 2 }],
      });
      await configs.refresh();
      expect(logger.error).toHaveBeenCalledTimes(1);
      expect(logger.error).toHaveBeenCalledWith(
        expect.stringMatching(
          new RegExp(`version ${version} stays:\nagents/reviewer.md:2: `),
        ),
      );

      const { configs: restarted } = await configsOf(store);
      await restarted.load();
      await restarted.refresh();
      // The order of keys too.
      expect(JSON.stringify(restarted.current)).toBe(JSON.stringify(good));
      expect(restarted.status()).toMatchObject({ version, stale: true });

      write('agents/reviewer.md', 'You review well.');
      await restarted.refresh();
      expect(restarted.current.organisation.config.agent).toEqual({
        reviewer: { prompt: 'You review well.' },
      });
      expect(restarted.status()).toMatchObject({ stale: false, problems: [] });
    });

    it('keeps it when the directory is gone or empty, and goes on when it is back', async () => {
      const { configs } = await configsOf();
      write('settings.yaml', 'share: disabled');
      await configs.refresh();
      const good = configs.current;

      rmSync(join(folder.path, 'settings.yaml'));
      await configs.refresh();
      expect(configs.current).toBe(good);
      expect(configs.status().problems).toEqual([
        { file: '', line: 1, message: 'It has no files' },
      ]);

      rmSync(folder.path, { recursive: true });
      await configs.refresh();
      expect(configs.current).toBe(good);
      expect(configs.status().problems).toContainEqual(
        expect.objectContaining({
          message: expect.stringContaining('It cannot be read'),
        }),
      );

      folder.setContent({ 'settings.yaml': 'share: disabled' });
      await configs.refresh();
      expect(configs.status()).toMatchObject({ stale: false, problems: [] });
    });

    it('goes on without the database', async () => {
      const { configs, logger } = await configsOf({
        load: () => Promise.reject(new Error('gone')),
        save: () => Promise.reject(new Error('gone')),
      });
      write('settings.yaml', 'share: disabled');
      await configs.load();
      await configs.refresh();
      expect(configs.current.organisation.config).toEqual({
        share: 'disabled',
      });
      expect(logger.warn).toHaveBeenCalledTimes(2);
    });
  },
);

describe('The configuration of coding tools of a repository', () => {
  it('is read again only when there is a new version', async () => {
    const urlReader = mockServices.urlReader.mock();
    const file = (path: string, text: string) => ({
      path,
      content: async () => Buffer.from(text),
    });
    urlReader.readTree.mockResolvedValueOnce({
      etag: 'commit-1',
      files: async () => [
        file('agents/reviewer.md', 'You review.'),
        file('README.md', 'Read me'),
      ],
    } as never);
    const notModified = Object.assign(new Error('not modified'), {
      name: 'NotModifiedError',
    });
    urlReader.readTree.mockRejectedValue(notModified);
    const saved: unknown[] = [];
    const url = 'https://github.com/acme/agent-config/tree/main';
    const configs = new AgentConfigs({
      source: createSource({ kind: 'url', url }, urlReader),
      store: {
        load: async () => undefined,
        save: async (...args: unknown[]) => saved.push(args),
      } as unknown as DocumentStore,
      logger: mockServices.logger.mock(),
    });
    await configs.refresh();
    await configs.refresh();
    expect(configs.status()).toMatchObject({
      source: url,
      version: 'commit-1',
      stale: false,
    });
    expect(urlReader.readTree).toHaveBeenLastCalledWith(
      url,
      expect.objectContaining({ etag: 'commit-1' }),
    );
    expect(saved).toHaveLength(1);

    urlReader.readTree.mockRejectedValue(new Error('503'));
    await configs.refresh();
    expect(configs.status()).toMatchObject({
      version: 'commit-1',
      stale: true,
    });
    urlReader.readTree.mockRejectedValue(notModified);
    await configs.refresh();
    expect(configs.status().stale).toBe(false);
  });
});
