import { TestDatabases } from '@backstage/backend-test-utils';
import { fileForm, startStored, TestProxy } from './__testUtils__/startStored';

describe('references in requests to models', () => {
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

    it('lets a file be used in requests of its owner only', async () => {
      const id = await upload();
      const message = (fileId: string) => ({
        model: 'claude-x',
        max_tokens: 10,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document', source: { type: 'file', file_id: fileId } },
            ],
          },
        ],
      });
      const ask = (user: 'alice' | 'bob', body: unknown) =>
        other.as(user, 'POST', '/anthropic/v1/messages', body, {
          'content-type': 'application/json',
        });
      expect((await ask('alice', message(id))).status).toBe(200);
      const theirs = await ask('bob', message(id));
      expect(theirs.status).toBe(404);
      expect(await theirs.json()).toMatchObject({
        error: { type: 'not_found_error' },
      });
      const escaped = JSON.stringify(message(id)).replace(
        '"file_id"',
        '"fil\\u0065_\\u0069d"',
      );
      expect((await ask('bob', escaped)).status).toBe(404);
      expect((await ask('alice', escaped)).status).toBe(200);
    });

    it('lets a file and a response of OpenAI be used in requests of their owner only', async () => {
      const id = await upload('/openai/v1/files');
      const first = await proxy.as('alice', 'POST', '/openai/v1/responses', {
        model: 'stored-model',
        input: [
          { role: 'user', content: [{ type: 'input_file', file_id: id }] },
        ],
      });
      expect(first.status).toBe(200);
      const { id: response } = await first.json();
      const next = {
        model: 'stored-model',
        previous_response_id: response,
        input: 'Go on',
      };
      const ask = (replica: TestProxy, user: 'alice' | 'bob', body: object) =>
        replica.as(user, 'POST', '/openai/v1/responses', body);
      expect((await ask(proxy, 'alice', next)).status).toBe(200);
      for (const replica of [proxy, other]) {
        expect((await ask(replica, 'bob', next)).status).toBe(404);
        const stored = await replica.as(
          'bob',
          'GET',
          `/openai/v1/responses/${response}`,
        );
        expect(stored.status).toBe(404);
      }
      const stored = await proxy.as(
        'alice',
        'GET',
        `/openai/v1/responses/${response}?stream=false`,
      );
      expect(await stored.json()).toMatchObject({ id: response });
    });
  });
});
