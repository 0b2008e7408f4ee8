import { startSource, TestSource } from '../__testUtils__/startSource';
import { askSource } from './askSource';

describe('asking a source', () => {
  let source: TestSource;

  beforeAll(async () => {
    source = await startSource();
  });

  afterAll(() => source.close());

  it('gets its document, and later learns that it is still the same', async () => {
    source.serve({ p: 1 }, '"one"');
    await expect(askSource(fetch, source.url)).resolves.toEqual({
      changed: true,
      document: { p: 1 },
      etag: '"one"',
    });
    await expect(askSource(fetch, source.url, '"one"')).resolves.toEqual({
      changed: false,
    });
  });

  it('does without an ETag, and without one that is too long to keep', async () => {
    source.serve({});
    await expect(askSource(fetch, source.url)).resolves.toMatchObject({
      etag: undefined,
    });
    source.serve({}, `"${'x'.repeat(1_000)}"`);
    await expect(askSource(fetch, source.url)).resolves.toMatchObject({
      etag: undefined,
    });
  });

  it.each([
    ['an error', 500, {}, 'oops', 'answers 500'],
    ['304 to who has nothing', 304, {}, '', 'answers 304'],
    ['another page', 200, {}, '<html>', 'not JSON'],
    ['half of it', 200, {}, '{"p": ', 'not JSON'],
    ['a redirect', 302, { location: 'http://127.0.0.1:1/' }, '', 'a redirect'],
  ])('fails when it answers %s', async (_, status, headers, body, message) => {
    source.answer((__, response) => {
      response.writeHead(status, headers).end(body);
    });
    await expect(askSource(fetch, source.url)).rejects.toThrow(message);
  });

  it('fails when it breaks off', async () => {
    source.answer((_, response) => {
      response.writeHead(200).write('{"p": ', () => response.destroy());
    });
    await expect(askSource(fetch, source.url)).rejects.toThrow();
  });

  it('stops reading when it is too large', async () => {
    let sent = 0;
    source.answer((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const send = () => {
        while (!response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) {
            response.once('drain', send);
            return;
          }
        }
      };
      send();
    });
    await expect(askSource(fetch, source.url)).rejects.toThrow(
      'more than 33554432 bytes',
    );
    expect(sent).toBeLessThan(128);
  });
});
