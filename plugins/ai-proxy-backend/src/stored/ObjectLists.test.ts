import { TestDatabases } from '@backstage/backend-test-utils';
import { fileForm, startStored, TestProxy } from './__testUtils__/startStored';

describe('ObjectLists', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let proxy: TestProxy;
    let ids: string[];

    const upload = async (
      path: string,
      user: 'alice' | 'bob',
      purpose = 'user_data',
    ) => {
      const form = fileForm('Hello', { purpose });
      return (await (await proxy.as(user, 'POST', path, form)).json()).id;
    };
    const list = async (path: string, user: 'alice' | 'bob' = 'alice') => {
      const response = await proxy.as(user, 'GET', path);
      expect(response.status).toBe(200);
      return response.json();
    };
    const idsOf = (page: { data: Array<{ id: string }> }) =>
      page.data.map(({ id }) => id);

    beforeAll(async () => {
      proxy = await startStored({ database: await databases.init(databaseId) });
    });
    beforeEach(async () => {
      proxy.reset();
      await proxy.database('stored_objects').delete();
      // Newest first.
      ids = [];
      for (let index = 0; index < 5; index++) {
        ids.unshift(await upload('/anthropic/v1/files', 'alice'));
        await upload('/anthropic/v1/files', 'bob');
      }
    });
    afterAll(() => proxy.stop());

    it('has all of the caller and nothing of others, page by page', async () => {
      const found: string[] = [];
      let page = await list('/anthropic/v1/files?limit=2');
      for (;;) {
        found.push(...idsOf(page));
        expect(page.first_id).toBe(page.data[0].id);
        expect(page.last_id).toBe(page.data.at(-1).id);
        if (!page.has_more) {
          break;
        }
        page = await list(
          `/anthropic/v1/files?limit=2&after_id=${page.last_id}`,
        );
      }
      expect(found).toEqual(ids);
      const back = await list(
        `/anthropic/v1/files?limit=2&before_id=${ids[3]}`,
      );
      expect(idsOf(back)).toEqual(ids.slice(1, 3));
      expect(back.has_more).toBe(true);
      expect(proxy.provider.askedFor('GET', '/v1/files?')).toHaveLength(0);
    });

    it('does not take the id of another for a place in the list', async () => {
      const theirs = idsOf(await list('/anthropic/v1/files', 'bob'));
      const response = await proxy.as(
        'alice',
        'GET',
        `/anthropic/v1/files?after_id=${theirs[1]}`,
      );
      expect(response.status).toBe(404);
    });

    it('leaves out, and forgets, what the provider does not have any more', async () => {
      proxy.provider.objects.delete(ids[0]);
      proxy.provider.objects.delete(ids[2]);
      const page = await list('/anthropic/v1/files?limit=3');
      expect(idsOf(page)).toEqual([ids[1], ids[3], ids[4]]);
      expect(page.has_more).toBe(false);
      const asked = proxy.provider.asked.length;
      await list('/anthropic/v1/files?limit=3');
      expect(proxy.provider.asked.length - asked).toBe(3);
    });

    it('is none when it would not be whole', async () => {
      proxy.provider.intercept = ({ url }, response) => {
        if (url !== `/v1/files/${ids[1]}`) {
          return false;
        }
        response.writeHead(500).end();
        return true;
      };
      const response = await proxy.as('alice', 'GET', '/anthropic/v1/files');
      expect(response.status).toBe(502);
    });

    it('is that of OpenAI there, with its order and purposes', async () => {
      const path = '/openai/v1/files';
      const files: string[] = [];
      for (const purpose of ['vision', 'assistants', 'vision']) {
        files.push(await upload(path, 'alice', purpose));
      }
      // Which the provider says.
      proxy.provider.objects.get(files[1])!.purpose = 'x';
      const page = await list(`${path}?order=asc&limit=2`);
      expect(page).toMatchObject({
        object: 'list',
        has_more: true,
        last_id: files[1],
      });
      expect(idsOf(page)).toEqual(files.slice(0, 2));
      const rest = await list(`${path}?order=asc&after=${page.last_id}`);
      expect(idsOf(rest)).toEqual(files.slice(2));
      expect(rest.has_more).toBe(false);
      await expect(list(`${path}?purpose=batch`)).resolves.toMatchObject({
        data: [],
        first_id: null,
        has_more: false,
      });
      const limit = await proxy.as('alice', 'GET', `${path}?limit=-1`);
      expect(limit.status).toBe(400);
    });

    it('is that of Gemini there', async () => {
      const base = '/google-ai-studio/v1beta/cachedContents';
      const names: string[] = [];
      for (let index = 0; index < 3; index++) {
        const made = await proxy.as('alice', 'POST', base, {
          model: 'models/gemini-x',
          contents: [],
        });
        names.unshift((await made.json()).name.replace('cachedContents/', ''));
      }
      const page = await list(`${base}?pageSize=2`);
      expect(page).toEqual({
        cachedContents: [{ id: names[0] }, { id: names[1] }],
        nextPageToken: names[1],
      });
      await expect(
        list(`${base}?pageSize=2&pageToken=${page.nextPageToken}`),
      ).resolves.toEqual({ cachedContents: [{ id: names[2] }] });
      await expect(list(base, 'bob')).resolves.toEqual({ cachedContents: [] });
    });
  });
});
