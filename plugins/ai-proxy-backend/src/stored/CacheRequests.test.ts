import { TestDatabases } from '@backstage/backend-test-utils';
import { startStored, TestProxy } from './__testUtils__/startStored';

const PATH = '/google-ai-studio/v1beta/cachedContents';
const CACHE = {
  model: 'models/gemini-x',
  contents: [{ parts: [{ text: 'Long '.repeat(1_000) }] }],
};

describe('the content of a cache', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let proxy: TestProxy;

  beforeAll(async () => {
    proxy = await startStored({ database: await databases.init('SQLITE_3') });
  });
  beforeEach(() => proxy.reset());
  afterAll(() => proxy.stop());

  /** The room is given back just after the answer. */
  async function untilFree() {
    while (proxy.room.bytes > 0) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  it.each([
    ['makes it', 200],
    ['fails', 500],
    ['ends the connection', undefined],
  ])('takes room in memory until the provider %s', async (_, status) => {
    let held = 0;
    proxy.provider.intercept = (request, response) => {
      held = proxy.room.bytes;
      request.resume();
      if (status === undefined) {
        response.destroy();
      } else {
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end('{"name":"cachedContents/one"}');
      }
      return true;
    };
    const made = await proxy.as('alice', 'POST', PATH, CACHE);
    expect(made.status).toBe(status ?? 502);
    await made.text();
    expect(held).toBe(JSON.stringify(CACHE).length);
    await untilFree();
  });

  it('takes no room when it may not be made', async () => {
    proxy.denied.add('gemini-x');
    const refused = await proxy.as('alice', 'POST', PATH, CACHE);
    expect(refused.status).toBe(403);
    await untilFree();
  });
});
