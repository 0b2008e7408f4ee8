import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import {
  startHttpServer,
  startHttpsServer,
  TestServer,
} from './__testUtils__/startServer';
import {
  createGuardedFetch,
  GuardedFetch,
  GuardedFetchOptions,
} from './createGuardedFetch';
import { TooManyBytesError } from './limitBytes';

jest.setTimeout(30_000);

const HOST = 'gitlab.internal';

let http: TestServer;
let https: TestServer;
/** What the name service answers, one list after the other; the last one again and again. */
let names: Record<string, string[][]>;
let lookups: string[];
let reasons: string[];
const made: GuardedFetch[] = [];

beforeAll(async () => {
  http = await startHttpServer();
  https = await startHttpsServer(HOST);
});

afterAll(() => Promise.all([http.stop(), https.stop()]));

beforeEach(() => {
  names = { localhost: [['127.0.0.1']], [HOST]: [['127.0.0.1']] };
  lookups = [];
  reasons = [];
  for (const server of [http, https]) {
    server.requests = [];
    server.connections = 0;
    server.answer = (_request, response) => response.end('answer');
  }
});

afterEach(() => Promise.all(made.splice(0).map(fetch => fetch.close())));

function create(options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  const fetch = createGuardedFetch({
    trustedHosts: [`${HOST}:${https.port}`, `localhost:${http.port}`],
    timeoutMs: 5_000,
    resolve: async hostname => {
      lookups.push(hostname);
      const answers = names[hostname];
      if (!answers) {
        throw new Error(`getaddrinfo ENOTFOUND ${hostname}`);
      }
      const addresses = answers.length > 1 ? answers.shift()! : answers[0];
      return addresses.map(address => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
    },
    onRefused: reason => reasons.push(reason),
    ...options,
  });
  made.push(fetch);
  return fetch;
}

const trusted = (path = '/') => `https://${HOST}:${https.port}${path}`;
const local = (path = '/') => `http://localhost:${http.port}${path}`;

describe('an address that is not public', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['private', '10.0.0.1'],
    ['private', '192.168.1.1'],
    ['link-local', '169.254.169.254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['unspecified', '0.0.0.0'],
    ['loopback', '::1'],
    ['unique local', 'fd00::1'],
    ['mapped', '::ffff:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::'],
  ])(
    'is not connected to when a name leads to it: %s %s',
    async (_, address) => {
      names['innocent.example'] = [[address]];
      await expect(
        create()(`https://innocent.example:${https.port}/`),
      ).rejects.toThrow(ServiceUnavailableError);
      expect(reasons.join()).toContain(`has the address ${address}`);
      expect(https.connections).toBe(0);
    },
  );

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['169.254.169.254', '169.254.169.254'],
    ['[::1]', '::1'],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1'],
    ['[64:ff9b::127.0.0.1]', '64:ff9b::7f00:1'],
  ])('is not connected to when it is given as %s', async (given, address) => {
    await expect(create()(`https://${given}:${https.port}/`)).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(reasons.join()).toContain(`the address ${address} is not allowed`);
    expect(lookups).toEqual([]);
    expect(https.connections).toBe(0);
  });

  it('is not connected to when only one of several is', async () => {
    names['innocent.example'] = [['93.184.215.14', '10.0.0.1']];
    await expect(create()('https://innocent.example/')).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(reasons.join()).toContain('has the address 10.0.0.1');
  });

  it('is told to nobody: a host inside looks like one that does not exist', async () => {
    names['inside.example'] = [['10.0.0.1']];
    const messageOf = (host: string) =>
      create()(`https://${host}/`).then(String, String);
    expect((await messageOf('inside.example')).replace('inside', 'x')).toBe(
      (await messageOf('nowhere.example')).replace('nowhere', 'x'),
    );
  });

  it('is told from one that has received the request, for whoever would send it again', async () => {
    names['innocent.example'] = [['10.0.0.1']];
    await expect(create()('https://innocent.example/')).rejects.toMatchObject({
      notSent: true,
    });
    https.answer = (_request, response) => response.destroy();
    await expect(create()(trusted())).rejects.toMatchObject({ notSent: false });
  });

  it('cannot be reached by answering differently the second time', async () => {
    // Checked as a trusted host's first; the second look-up would lead to where credentials are.
    names[HOST] = [['127.0.0.1'], ['169.254.169.254']];
    const fetch = create();
    expect((await fetch(trusted())).status).toBe(200);
    expect(lookups).toEqual([HOST]);

    // A new connection is checked anew.
    https.answer = (_request, response) => response.destroy();
    await expect(fetch(trusted())).rejects.toThrow(ServiceUnavailableError);
    await expect(fetch(trusted())).rejects.toThrow(ServiceUnavailableError);
    expect(reasons.at(-1)).toContain('169.254.169.254');
  });

  it('may be that of a trusted host, at that port only', async () => {
    expect(await (await create()(trusted())).text()).toBe('answer');
    const others = create({ trustedHosts: [HOST, `${HOST}:1`, 'internal'] });
    await expect(others(trusted())).rejects.toThrow(ServiceUnavailableError);
    expect(https.requests).toHaveLength(1);
  });

  it.each(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', 'fe80::1'])(
    'is refused to a trusted host too when a cloud gives out credentials there: %s',
    async address => {
      names[HOST] = [[address]];
      await expect(create()(trusted())).rejects.toThrow(
        ServiceUnavailableError,
      );
      expect(reasons.join()).toContain(`has the address ${address}`);
    },
  );
});

describe('http', () => {
  it('is for this machine only, and only when it is trusted', async () => {
    expect((await create()(local())).status).toBe(200);
    for (const trustedHosts of [
      [],
      ['localhost'],
      [`127.0.0.1:${http.port}`],
    ]) {
      await expect(create({ trustedHosts })(local())).rejects.toThrow(
        ServiceUnavailableError,
      );
    }
    names[HOST] = [['127.0.0.1']];
    await expect(
      create({ trustedHosts: [`${HOST}:${http.port}`] })(
        `http://${HOST}:${http.port}/`,
      ),
    ).rejects.toThrow(ServiceUnavailableError);
    expect(http.requests).toHaveLength(1);
  });

  it('goes to plain hosts wherever they are, but not to where clouds give out credentials', async () => {
    names[HOST] = [['127.0.0.1']];
    const plainHosts = [`${HOST}:${http.port}`];
    const url = `http://${HOST}:${http.port}/`;
    expect((await create({ plainHosts })(url)).status).toBe(200);
    await expect(
      create({ plainHosts })(`https://${HOST}:${http.port}/`),
    ).rejects.toThrow(ServiceUnavailableError);
    names[HOST] = [['169.254.169.254']];
    await expect(create({ plainHosts })(url)).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(http.requests).toHaveLength(1);
  });

  it('does not reach another machine when localhost is said', async () => {
    names.localhost = [['127.0.0.1', '10.0.0.1']];
    await expect(create()(local())).rejects.toThrow(ServiceUnavailableError);
    expect(http.connections).toBe(0);
  });
});

describe('a URL', () => {
  it.each([
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://example.com/',
    'not a URL',
    '//example.com',
    `https://user:secret@${HOST}/`,
  ])('is refused when it is %s', async url => {
    const refused = create()(url);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.not.toThrow('secret');
    expect(lookups).toEqual([]);
  });
});

describe('a redirect', () => {
  it('is followed within the origin, with method, headers and body', async () => {
    const bodies: string[] = [];
    http.answer = async (request, response) => {
      bodies.push(`${request.headers.authorization} ${await buffer(request)}`);
      if (request.url === '/mcp') {
        response.writeHead(307, { location: '/mcp/' }).end();
      } else {
        response.end('there');
      }
    };
    const response = await create()(local('/mcp'), {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: 'text',
    });
    expect(await response.text()).toBe('there');
    expect(response.url).toBe(local('/mcp/'));
    expect(bodies).toEqual(['Bearer x text', 'Bearer x text']);
  });

  it.each([301, 302, 303, 307, 308])(
    'to another origin is refused: %s',
    async status => {
      const target = await startHttpServer();
      for (const location of [
        `http://localhost:${target.port}/`,
        `http://127.0.0.1:${http.port}/`,
        `//localhost:${target.port}/`,
        trusted(),
        'http://169.254.169.254/latest/meta-data',
        'file:///etc/passwd',
        'http://[',
      ]) {
        http.answer = (_request, response) =>
          response.writeHead(status, { location }).end();
        const fetch = create({
          trustedHosts: [
            `localhost:${http.port}`,
            `localhost:${target.port}`,
            `127.0.0.1:${http.port}`,
          ],
        });
        await expect(fetch(local())).rejects.toThrow(/another origin/);
      }
      expect(target.requests).toEqual([]);
      expect(https.requests).toEqual([]);
      await target.stop();
    },
  );

  it('that would lose a body, or never ends, is refused; one that is asked for is returned', async () => {
    http.answer = (_request, response) =>
      response.writeHead(302, { location: '/again' }).end();
    const fetch = create();
    await expect(fetch(local(), { method: 'POST', body: 'x' })).rejects.toThrow(
      /lose its body/,
    );
    await expect(fetch(local())).rejects.toThrow(/more than 3 times/);
    const manual = await fetch(local(), { redirect: 'manual' });
    expect(manual.status).toBe(302);
    expect(manual.headers.get('location')).toBe('/again');
  });
});

describe('an answer', () => {
  it('is one of this process, also without a body', async () => {
    http.answer = (_request, response) =>
      response.writeHead(204, { 'x-a': 'b' }).end();
    const response = await create()(local());
    expect(response).toBeInstanceOf(Response);
    expect(response.headers.get('x-a')).toBe('b');
    expect(response.body).toBeNull();
  });

  it('streams, chunk by chunk, and ends at the server when it is cancelled', async () => {
    let more = () => {};
    const closed = new Promise<void>(resolve => {
      http.answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let chunk = 0;
        more = () => response.write(`data: ${chunk++}\n\n`);
        more();
        response.on('close', resolve);
      };
    });
    // One after the other: each is read before the next is sent.
    for (const maxBytes of [undefined, 1_000]) {
      const response = await create({ maxBytes })(local());
      const reader = response.body!.getReader();
      for (const expected of ['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n']) {
        const { value } = await reader.read();
        expect(Buffer.from(value!).toString()).toBe(expected);
        more();
      }
      await reader.cancel();
    }
    await closed;
  });

  it('has no more than the bytes that are allowed, unpacked', async () => {
    http.answer = (_request, response) => response.end('x'.repeat(100));
    await expect(
      create({ maxBytes: 100 })(local()).then(answer => answer.text()),
    ).resolves.toHaveLength(100);
    const fetch = create({ maxBytes: 99 });
    await expect(fetch(local()).then(answer => answer.text())).rejects.toThrow(
      'more than 99 bytes',
    );

    http.answer = (_request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(10_000_000)));
    await expect(fetch(local()).then(answer => answer.text())).rejects.toThrow(
      'more than 99 bytes',
    );
  });

  it('has no more than the bytes that are allowed for it alone, which is told', async () => {
    http.answer = (_request, response) => response.end('x'.repeat(100));
    const told: Error[] = [];
    const get = async (ownMaxBytes: number, maxBytes: number) =>
      (
        await create({ maxBytes: ownMaxBytes })(local(), {
          maxBytes,
          onTooLarge: error => told.push(error),
        })
      ).text();
    await expect(get(100, 100)).resolves.toHaveLength(100);
    expect(told).toEqual([]);
    await expect(get(100, 99)).rejects.toThrow(TooManyBytesError);
    await expect(get(99, 100)).rejects.toThrow('more than 99 bytes');
    http.answer = (_request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync('x'.repeat(100)));
    await expect(get(100, 99)).rejects.toThrow(TooManyBytesError);
    expect(told).toHaveLength(3);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('is unpacked when it is packed as was asked: %s', async (name, pack) => {
    http.answer = (request, response) => {
      expect(request.headers['accept-encoding']).toContain(name);
      response.writeHead(200, { 'content-encoding': name }).end(pack('text'));
    };
    // Fewer than it has packed.
    const answer = await create({ maxBytes: 4 })(local());
    expect(await answer.text()).toBe('text');
  });

  it('comes no faster than it is read', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    http.answer = async (_request, response) => {
      for (; written < 320; written++) {
        if (!response.write(chunk)) {
          await once(response, 'drain');
        }
      }
      response.end();
    };
    const answer = await create()(local());
    await sleep(300);
    expect(written).toBeLessThan(300);
    expect(await answer.arrayBuffer()).toHaveProperty(
      'byteLength',
      320 * chunk.length,
    );
  });

  it('that breaks off fails where it is read', async () => {
    http.answer = (_request, response) => {
      response.write('begun');
      setTimeout(() => response.destroy(), 50);
    };
    const answer = await create()(local());
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  it('ends here and at the server when the caller does not want the rest', async () => {
    const closed = new Promise<void>(resolve => {
      http.answer = (_request, response) => {
        response.write('begun');
        response.on('close', resolve);
      };
    });
    const reason = new Error('no longer needed');
    const controller = new AbortController();
    const answer = await create()(local(), { signal: controller.signal });
    const text = answer.text();
    controller.abort(reason);
    await expect(text).rejects.toBe(reason);
    await closed;
  });

  it('may have hints before it', async () => {
    http.answer = (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end('answer');
    };
    const answer = await create()(local());
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.has('link')).toBe(false);
    expect(await answer.text()).toBe('answer');
  });

  it('has to begin in time, and to end in time when that is bounded', async () => {
    http.answer = () => {};
    await expect(create({ timeoutMs: 50 })(local())).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(reasons.join()).toContain('no answer in time');

    http.answer = (_request, response) => response.write('begun');
    const answer = await create({ bodyTimeoutMs: 300 })(local());
    await expect(answer.text()).rejects.toThrow();
  });

  it('is no longer waited for when the caller does not want it', async () => {
    http.answer = () => {};
    const reason = new Error('no longer needed');
    const controller = new AbortController();
    const answer = create()(local(), { signal: controller.signal });
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(reasons).toEqual([]);
  });
});

describe('a request', () => {
  const form = new FormData();
  form.set('a', 'b');

  it.each<[string, string, BodyInit, string]>([
    ['a text', 'text/plain', 'a=b', 'a=b'],
    ['bytes', 'undefined', new TextEncoder().encode('a=b'), 'a=b'],
    [
      'parameters',
      'application/x-www-form-urlencoded',
      new URLSearchParams({ a: 'b' }),
      'a=b',
    ],
    ['a form', 'multipart/form-data; boundary=', form, 'name="a"'],
  ])('can have %s as its body', async (_, type, body, expected) => {
    http.answer = async (request, response) =>
      response.end(
        `${request.headers['content-type']} ${await buffer(request)}`,
      );
    const answer = await create()(local(), { method: 'post', body });
    const text = await answer.text();
    expect(text.startsWith(type)).toBe(true);
    expect(text).toContain(expected);
    expect(http.requests).toEqual(['POST /']);
  });

  it('says who asks, and keeps its query and headers', async () => {
    http.answer = (request, response) =>
      response.end(JSON.stringify([request.url, request.headers]));
    const answer = await create()(local('/a?b=c d#e'), {
      headers: { accept: 'application/json', 'X-A': 'b' },
    });
    const [path, headers] = await answer.json();
    expect(path).toBe('/a?b=c%20d');
    expect(headers).toMatchObject({
      accept: 'application/json',
      'x-a': 'b',
      'user-agent': 'prompt-corner',
    });
  });
});

describe('connections', () => {
  it('are used again', async () => {
    const fetch = create();
    for (let i = 0; i < 20; i++) {
      await (await fetch(trusted())).text();
    }
    expect(https.requests).toHaveLength(20);
    // A connection becomes free a moment after the last byte was read.
    expect(https.connections).toBeLessThan(5);
  });

  it('go through no proxy, whatever the environment says', async () => {
    const proxy = await startHttpServer();
    const before = { ...process.env };
    Object.assign(process.env, {
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_USE_ENV_PROXY: '1',
    });
    try {
      await create()(local());
      expect(proxy.connections).toBe(0);
      expect(http.requests).toHaveLength(1);
    } finally {
      process.env = before;
      await proxy.stop();
    }
  });
});

describe('a trusted host', () => {
  it.each([
    'https://a.internal',
    'a.internal/x',
    '*.internal',
    'user@a',
    'a:x',
    '',
  ])('cannot be "%s"', host => {
    expect(() => create({ trustedHosts: [host] })).toThrow(InputError);
  });

  it('is the same however it is written', async () => {
    const fetch = create({
      trustedHosts: [`GitLab.Internal:${https.port}`],
    });
    expect((await fetch(trusted())).status).toBe(200);
  });
});
