import http from 'node:http';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ALICE,
  fileForm,
  startStored,
  TestProxy,
} from './__testUtils__/startStored';

describe('StoredRequests', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let proxy: TestProxy;
    let other: TestProxy;

    beforeAll(async () => {
      proxy = await startStored({ database: await databases.init(databaseId) });
      other = await proxy.replica();
    });
    beforeEach(() => proxy.reset());
    afterAll(async () => {
      await other.stop();
      await proxy.stop();
    });

    const upload = async (
      path = '/anthropic/v1/files',
      user: 'alice' | 'bob' = 'alice',
    ): Promise<string> => {
      const response = await proxy.as(user, 'POST', path, fileForm('Hello'));
      expect(response.status).toBe(200);
      return (await response.json()).id;
    };

    it.each(['/anthropic/v1/files', '/openai/v1/files'])(
      'keeps a file of %s for who uploaded it, on every replica',
      async path => {
        const id = await upload(path);
        for (const replica of [proxy, other]) {
          const mine = await replica.as('alice', 'GET', `${path}/${id}`);
          expect(mine.status).toBe(200);
          expect(await mine.json()).toMatchObject({ id });
          const content = await replica.as(
            'alice',
            'GET',
            `${path}/${id}/content`,
          );
          expect(await content.text()).toContain('Hello');
        }
      },
    );

    it.each(['/anthropic/v1/files', '/openai/v1/files'])(
      'has nothing of it at %s for anybody else, whatever the provider would give',
      async path => {
        const id = await upload(path);
        const before = proxy.provider.asked.length;
        for (const replica of [proxy, other]) {
          for (const [method, below] of [
            ['GET', ''],
            ['GET', '/content'],
            ['DELETE', ''],
            ['POST', ''],
          ]) {
            const theirs = await replica.as(
              'bob',
              method,
              `${path}/${id}${below}`,
            );
            expect(theirs.status).toBe(404);
            const message = JSON.stringify(await theirs.json());
            expect(message).toContain(`No file with the id`);
            // As if there were none.
            const none = await replica.as(
              'bob',
              method,
              `${path}/none${below}`,
            );
            expect(JSON.stringify(await none.json()).replace('none', id)).toBe(
              message,
            );
          }
        }
        expect(proxy.provider.asked).toHaveLength(before);
        expect(proxy.provider.objects.has(id)).toBe(true);
      },
    );

    it('takes no path for a way around', async () => {
      const id = await upload();
      const before = proxy.provider.asked.length;
      for (const path of [
        `..%2ffiles%2f${id}`,
        `./${id}`,
        `${id}%00`,
        `${id}%2fcontent`,
        `/${id}`,
        `${id}/../${id}`,
        id.replace('f', '%66'),
        `${id}/content/`,
        `${id};x`,
      ]) {
        const { status } = await rawRequest(
          proxy.url,
          `/anthropic/v1/files/${path}`,
          'bob',
        );
        expect([path, status]).toEqual([path, 404]);
      }
      expect(proxy.provider.asked).toHaveLength(before);
    });

    it('deletes a file for its owner, and knows it no more', async () => {
      const id = await upload();
      proxy.denied.add('use_files of anthropic');
      // Whatever policy says by now.
      const gone = await proxy.as(
        'alice',
        'DELETE',
        `/anthropic/v1/files/${id}`,
      );
      expect(await gone.json()).toEqual({ id, deleted: true });
      expect(proxy.provider.objects.has(id)).toBe(false);
      await expect(
        proxy.ownership.find(ALICE, ['anthropic'], 'file', id),
      ).resolves.toBeUndefined();
    });

    it('asks policy first', async () => {
      proxy.denied.add('use_files of anthropic');
      const response = await proxy.as(
        'alice',
        'POST',
        '/anthropic/v1/files',
        fileForm('Hello'),
      );
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('Policy forbids use_files');
      expect(proxy.provider.asked).toHaveLength(0);
      expect(proxy.events).toMatchObject([
        { outcome: 'refused', refusal: 'policy:test', operation: 'files' },
      ]);
    });

    it('tells nobody of a file whose owner could not be written down, and deletes it', async () => {
      await proxy.database.schema.renameTable('stored_objects', 'away');
      const response = await proxy.as(
        'alice',
        'POST',
        '/anthropic/v1/files',
        fileForm('Hello'),
      );
      await proxy.database.schema.renameTable('away', 'stored_objects');
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('file_');
      expect([...proxy.provider.objects]).toEqual([]);
    });

    it('leaves a file to its owner that a provider gives to another for the same content', async () => {
      const id = await upload();
      proxy.provider.intercept = (request, response) => {
        if (request.method !== 'POST') {
          return false;
        }
        request.resume();
        request.on('end', () => response.end(JSON.stringify({ id })));
        return true;
      };
      const theirs = await proxy.as(
        'bob',
        'POST',
        '/anthropic/v1/files',
        fileForm('Hello'),
      );
      expect(theirs.status).toBe(500);
      expect(await theirs.text()).not.toContain(id);
      const mine = await proxy.as('alice', 'GET', `/anthropic/v1/files/${id}`);
      expect(mine.status).toBe(200);
    });

    it('sends the description of a new file as it came', async () => {
      const text = '{"id" : "file_raw",\n "size":1.0 }';
      proxy.provider.intercept = (request, response) => {
        request.resume();
        request.on('end', () => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(text);
        });
        return true;
      };
      const response = await proxy.as(
        'alice',
        'POST',
        '/anthropic/v1/files',
        fileForm('Hello'),
      );
      expect(await response.text()).toBe(text);
    });

    it('takes the parts of an upload from its owner, and the file that comes of it is theirs', async () => {
      const path = '/openai/v1/uploads';
      const plan = { filename: 'a', purpose: 'assistants', bytes: 4 };
      const { id } = await (await proxy.as('alice', 'POST', path, plan)).json();
      for (const below of ['parts', 'complete', 'cancel']) {
        const theirs = await other.as(
          'bob',
          'POST',
          `${path}/${id}/${below}`,
          {},
        );
        expect(theirs.status).toBe(404);
      }
      await other.as('alice', 'POST', `${path}/${id}/parts`, fileForm('part'));
      const done = await other.as('alice', 'POST', `${path}/${id}/complete`, {
        part_ids: ['part_1'],
      });
      const { file } = await done.json();
      const files = `/openai/v1/files/${file.id}`;
      expect((await proxy.as('alice', 'GET', files)).status).toBe(200);
      expect((await proxy.as('bob', 'GET', files)).status).toBe(404);
      const unchecked = await proxy.as('alice', 'POST', path, {
        ...plan,
        purpose: 'batch',
      });
      expect(unchecked.status).toBe(400);
    });

    it('makes a cache of Gemini as a request to the model, for its owner', async () => {
      const path = '/google-ai-studio/v1beta';
      const cache = {
        model: 'models/gemini-x',
        contents: [{ parts: [{ text: 'Long' }] }],
      };
      const made = await proxy.as(
        'alice',
        'POST',
        `${path}/cachedContents`,
        cache,
      );
      const { name } = await made.json();
      expect(proxy.events.at(-1)).toMatchObject({
        operation: 'caches',
        model: 'gemini-x',
        tokens: { inputTokens: 500 },
        costNanoUsd: 500_000,
      });
      const update = await proxy.as('alice', 'PATCH', `${path}/${name}`, {
        ttl: '60s',
      });
      expect(update.status).toBe(200);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const theirs = await other.as(
          'bob',
          method,
          `${path}/${name}`,
          method === 'PATCH' ? {} : undefined,
        );
        expect(theirs.status).toBe(404);
      }
      const ask = (user: 'alice' | 'bob') =>
        other.as(user, 'POST', `${path}/models/gemini-x:generateContent`, {
          cachedContent: name,
          contents: [],
        });
      expect((await ask('bob')).status).toBe(404);
      expect((await ask('alice')).status).not.toBe(404);
      proxy.denied.add('gemini-x');
      const denied = await proxy.as(
        'alice',
        'POST',
        `${path}/cachedContents`,
        cache,
      );
      expect(denied.status).toBe(403);
    });
  });
});

/** A request whose path no URL library tidies. */
function rawRequest(
  url: string,
  path: string,
  user: string,
): Promise<{ status: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    http
      .get(
        { hostname, port, path, headers: { authorization: `Bearer ${user}` } },
        response => {
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode! }));
        },
      )
      .on('error', reject);
  });
}
