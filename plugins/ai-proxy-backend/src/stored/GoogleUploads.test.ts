import { TestDatabases } from '@backstage/backend-test-utils';
import { startStored, TestProxy } from './__testUtils__/startStored';

const BASE = '/google-ai-studio';

describe('GoogleUploads', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let proxy: TestProxy;

    const begin = (
      file: object = { displayName: 'notes' },
      headers: Record<string, string> = {},
    ) =>
      proxy.as(
        'alice',
        'POST',
        `${BASE}/upload/v1beta/files`,
        { file },
        {
          'x-goog-upload-protocol': 'resumable',
          'x-goog-upload-command': 'start',
          'x-goog-upload-header-content-length': '5',
          ...headers,
        },
      );
    const send = (user: 'alice' | 'bob', path: string) =>
      proxy.as(user, 'POST', path, 'Hello', {
        'x-goog-upload-command': 'upload, finalize',
        'x-goog-upload-offset': '0',
      });

    beforeAll(async () => {
      proxy = await startStored({ database: await databases.init(databaseId) });
    });
    beforeEach(() => proxy.reset());
    afterAll(() => proxy.stop());

    it('go through the proxy, for whoever began them, whose the file is then', async () => {
      const begun = await begin();
      expect(begun.status).toBe(200);
      const { headers } = begun;
      expect([...headers.values()].join()).not.toContain('google.example');
      const url = headers.get('x-goog-upload-url')!;
      expect(url.startsWith(`${proxy.url}${BASE}/upload/v1beta/files?`)).toBe(
        true,
      );
      const path = url.slice(proxy.url.length);
      expect((await send('bob', path)).status).toBe(404);
      const sent = await send('alice', path);
      expect(sent.headers.get('x-goog-upload-status')).toBe('final');
      const { file } = await sent.json();

      const [start, content] = proxy.provider.asked;
      expect(start).toMatchObject({
        url: '/upload/v1beta/files',
        headers: {
          'x-goog-api-key': 'provider-key',
          'x-goog-upload-command': 'start',
          'x-goog-upload-header-content-length': '5',
        },
      });
      expect(content).toMatchObject({
        body: 'Hello',
        headers: {
          'x-goog-upload-command': 'upload, finalize',
          'x-goog-upload-offset': '0',
        },
      });
      const about = `${BASE}/v1beta/${file.name}`;
      expect((await proxy.as('bob', 'GET', about)).status).toBe(404);
      expect((await proxy.as('alice', 'GET', about)).status).toBe(200);
      const ask = (user: 'alice' | 'bob', fileUri: string) =>
        proxy.as(user, 'POST', `${BASE}/v1beta/models/gemini-x:countTokens`, {
          contents: [{ parts: [{ fileData: { fileUri } }] }],
        });
      const asked = proxy.provider.asked.length;
      expect((await ask('bob', file.uri)).status).toBe(404);
      expect((await ask('bob', `${file.uri}?x`)).status).toBe(404);
      expect(proxy.provider.asked).toHaveLength(asked);
      await ask('alice', file.uri);
      expect(proxy.provider.asked).toHaveLength(asked + 1);
    });

    it('have no names of their own, and no other protocol', async () => {
      expect((await begin({ name: 'files/mine' })).status).toBe(400);
      const raw = await begin({}, { 'x-goog-upload-protocol': 'raw' });
      expect(raw.status).toBe(400);
      expect(proxy.provider.asked).toHaveLength(0);
    });
  });
});
