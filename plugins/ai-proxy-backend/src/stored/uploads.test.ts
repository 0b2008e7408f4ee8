import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { TestDatabases } from '@backstage/backend-test-utils';
import { startStored, TestProxy } from './__testUtils__/startStored';

const MIB = 1024 * 1024;

/** What is around a file in a form. */
function formAround(purpose: string) {
  return {
    head: `--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    tail: `\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n--b--\r\n`,
  };
}

describe('uploads', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let proxy: TestProxy;

  beforeAll(async () => {
    proxy = await startStored({
      database: await databases.init('SQLITE_3'),
      config: { limits: { uploadBytes: 300 * MIB, batchBytes: MIB } },
    });
  });
  beforeEach(() => proxy.reset());
  afterAll(() => proxy.stop());

  /** Begins to send a file; what is written to it is its body. */
  function begin(
    path: string,
    headers: http.OutgoingHttpHeaders = {},
  ): {
    request: http.ClientRequest;
    answer: Promise<{ status: number; text: string }>;
  } {
    const request = http.request(`${proxy.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer alice',
        'content-type': 'multipart/form-data; boundary=b',
        ...headers,
      },
    });
    const answer = new Promise<{ status: number; text: string }>(
      (resolve, reject) => {
        request.on('error', reject);
        request.on('response', response => {
          let text = '';
          response.on('data', chunk => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode!, text }),
          );
        });
      },
    );
    return { request, answer };
  }

  it.each(['/anthropic/v1/files', '/openai/v1/files'])(
    'pass to %s byte by byte, in flat memory, however large they are',
    async path => {
      const { head, tail } = formAround('user_data');
      const chunk = randomBytes(MIB);
      const hash = createHash('sha256').update(head);
      // A provider that reads slowly: the client has to wait, and not the memory.
      proxy.provider.intercept = request => {
        request.pause();
        setTimeout(() => request.resume(), 300);
        return false;
      };
      const { request, answer } = begin(path);
      request.write(head);
      let peak = 0;
      global.gc?.();
      const before = process.memoryUsage.rss();
      for (let index = 0; index < 200; index++) {
        hash.update(chunk);
        if (!request.write(chunk)) {
          await new Promise(resolve => request.once('drain', resolve));
        }
        peak = Math.max(peak, process.memoryUsage.rss());
      }
      hash.update(tail);
      request.end(tail);
      expect((await answer).status).toBe(200);
      const [asked] = proxy.provider.askedFor('POST', '/v1/files');
      expect(asked.bytes).toBe(200 * MIB + head.length + tail.length);
      expect(asked.sha256).toBe(hash.digest('hex'));
      expect((peak - before) / MIB).toBeLessThan(120);
    },
    60_000,
  );

  it('are refused before anything is read when they say that they are too large', async () => {
    const { request, answer } = begin('/anthropic/v1/files', {
      'content-length': 301 * MIB,
    });
    request.write('x');
    const { status, text } = await answer;
    expect(status).toBe(413);
    expect(JSON.parse(text).error.type).toBe('request_too_large');
    request.destroy();
    expect(proxy.provider.asked).toHaveLength(0);
  });

  it('are refused as soon as they are too large, and the provider is not blamed', async () => {
    const small = await startStored({
      database: proxy.database,
      provider: proxy.provider,
      config: { limits: { uploadBytes: 1_000 } },
    });
    // More than the breaker takes.
    for (let index = 0; index < 7; index++) {
      const response = await fetch(`${small.url}/anthropic/v1/files`, {
        method: 'POST',
        headers: { authorization: 'Bearer alice', 'content-type': 'text/x' },
        body: new Blob(['x'.repeat(2_000)]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect(response.status).toBe(413);
    }
    const fine = await small.as('alice', 'POST', '/anthropic/v1/files', 'x');
    expect(fine.status).toBe(200);
    expect(proxy.provider.objects.size).toBe(1);
    await small.stop();
  });

  it('that are cut come to nothing', async () => {
    for (let index = 0; index < 7; index++) {
      const { request, answer } = begin('/anthropic/v1/files');
      const { provider } = proxy;
      const { cut } = provider;
      const reached = new Promise<void>(resolve => {
        provider.intercept = upstream => {
          upstream.once('data', () => resolve());
          return false;
        };
      });
      request.write(randomBytes(200_000));
      await reached;
      request.destroy();
      await expect(answer).rejects.toThrow();
      while (provider.cut === cut) {
        await new Promise(resolve => setImmediate(resolve));
      }
    }
    expect(proxy.provider.objects.size).toBe(0);
    proxy.provider.intercept = undefined;
    const fine = await proxy.as('alice', 'POST', '/anthropic/v1/files', 'x');
    expect(fine.status).toBe(200);
    expect(
      proxy.events.filter(({ outcome }) => outcome === 'aborted').length,
    ).toBe(7);
  });

  it('get an answer that comes before they are whole', async () => {
    const text = '{"error":{"message":"bad key"}}';
    proxy.provider.intercept = (_, response) => {
      response.writeHead(401, { 'content-length': text.length });
      // Without an end, which would close the connection under what still comes.
      response.write(text);
      return true;
    };
    const { request, answer } = begin('/anthropic/v1/files');
    request.write(randomBytes(MIB));
    await expect(answer).resolves.toEqual({ status: 401, text });
    request.destroy();
  });

  it('are not taken packed', async () => {
    const response = await proxy.as('alice', 'POST', '/openai/v1/files', 'x', {
      'content-encoding': 'gzip',
    });
    expect(response.status).toBe(415);
  });
});
