import { mockServices } from '@backstage/backend-test-utils';
import {
  InputError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  DocumentServer,
  json,
  startHttpServer,
  startHttpsServer,
  status,
} from '../../__testUtils__/startDocumentServer';
import { ClientDocuments, DEFAULT_ALLOWED_CLIENT_IDS } from '.';

jest.setTimeout(60_000);

const HOST = 'clients.internal';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let http: DocumentServer;
let https: DocumentServer;
let skewMs = 0;
/** What the name service answers, and how often it was asked. */
let names: Record<string, string[]> = {};
let lookups: string[] = [];
const logger = mockServices.logger.mock();

beforeAll(async () => {
  http = await startHttpServer();
  https = await startHttpsServer(HOST);
});

afterAll(() => Promise.all([http.stop(), https.stop()]));

beforeEach(() => {
  skewMs = 0;
  names = { localhost: ['127.0.0.1'], [HOST]: ['127.0.0.1'] };
  lookups = [];
  for (const server of [http, https]) {
    server.requests.length = 0;
    server.answer = status(404);
  }
  logger.warn.mockClear();
  const now = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + skewMs);
});

afterEach(() => jest.restoreAllMocks());

function createDocuments(
  options: Partial<ConstructorParameters<typeof ClientDocuments>[0]> = {},
): ClientDocuments {
  return new ClientDocuments({
    allowedPatterns: ['https://*:*/*', 'http://localhost:*/*'],
    trustedHosts: [`${HOST}:${https.port}`],
    allowLoopback: true,
    logger,
    resolve: async hostname => {
      lookups.push(hostname);
      if (!names[hostname]) {
        throw new Error(`getaddrinfo ENOTFOUND ${hostname}`);
      }
      return names[hostname].map(address => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
    },
    ...options,
  });
}

function httpsId(path = 'client.json'): string {
  return `https://${HOST}:${https.port}/${path}`;
}

function httpId(path = 'client.json'): string {
  return `http://localhost:${http.port}/${path}`;
}

function documentOf(id: string): Record<string, unknown> {
  return { client_id: id, redirect_uris: ['http://127.0.0.1/callback'] };
}

/** Reasons that were logged, and are not told to callers. */
function reasons(): string {
  return logger.warn.mock.calls.map(([message]) => message).join('\n');
}

describe('fetching a client metadata document', () => {
  it('returns what it says, and tells its server nothing about us', async () => {
    const id = httpsId();
    let headers: object | undefined;
    https.answer = (request, response) => {
      headers = request.headers;
      json(documentOf(id), { 'set-cookie': 'a=b' })(request, response);
    };

    await expect(createDocuments().find(id)).resolves.toMatchObject({
      client_id: id,
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
    });
    expect(https.requests).toEqual(['GET /client.json']);
    expect(headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      connection: expect.any(String),
      host: `${HOST}:${https.port}`,
    });
  });

  it('leaves ids that are not URLs to others', async () => {
    await expect(createDocuments().find('my-agent')).resolves.toBeUndefined();
    await expect(
      createDocuments().find('com.example:/x'),
    ).resolves.toBeUndefined();
  });

  it.each([
    'https://claude.ai/oauth/claude-code-client-metadata',
    'https://vscode.dev/oauth/client-metadata.json',
    'https://chatgpt.com/oauth/codex/abc/client.json',
  ])('asks for %s by default', async id => {
    const documents = createDocuments({
      allowedPatterns: DEFAULT_ALLOWED_CLIENT_IDS,
    });

    await expect(documents.find(id)).rejects.toThrow(ServiceUnavailableError);
    expect(lookups).toEqual([new URL(id).host]);
  });

  it.each([
    'https://evil.com/client.json',
    'https://claude.ai.evil.com/client.json',
    'https://vscode.dev.evil.com/client.json',
    'https://chatgpt.com/share/client.json',
  ])('asks nobody for %s by default, and names the setting', async id => {
    const documents = createDocuments({
      allowedPatterns: DEFAULT_ALLOWED_CLIENT_IDS,
    });

    await expect(documents.find(id)).rejects.toThrow(NotAllowedError);
    await expect(documents.find(id)).rejects.toThrow(
      'agentAuth.clientDocuments.allowedClientIds',
    );
    expect(lookups).toEqual([]);
  });

  it.each([
    ['no encryption', 'http://clients.internal/x'],
    ['no path', 'https://clients.internal/'],
    ['no path at all', 'https://clients.internal'],
    ['a fragment', 'https://clients.internal/x#y'],
    ['an empty fragment', 'https://clients.internal/x#'],
    ['a query', 'https://clients.internal/x?y'],
    ['an empty query', 'https://clients.internal/x?'],
    ['a user name', 'https://claude.ai@clients.internal/x'],
    ['a password', 'https://:x@clients.internal/x'],
    ['dot segments', 'https://clients.internal/a/../x'],
    ['encoded dot segments', 'https://clients.internal/a/%2e%2e/x'],
    ['half encoded dot segments', 'https://clients.internal/a/.%2E/x'],
    ['an encoded slash', 'https://clients.internal/a%2f..%2fx'],
    ['an encoded backslash', 'https://clients.internal/a%5Cx'],
    ['a backslash', 'https://clients.internal\\x'],
    ['a line break', 'https://clients.internal/x\n'],
    ['a tab in the host', 'https://clients.in\tternal/x'],
    ['upper case', 'https://Clients.internal/x'],
    ['the default port', 'https://clients.internal:443/x'],
    ['a dot after the host', 'https://clients.internal./x'],
    ['a letter of another script', 'https://сlients.internal/x'],
    ['an address in decimal', 'https://2130706433/x'],
    ['an address in hexadecimal', 'https://0x7f000001/x'],
    ['an address in octal', 'https://0177.0.0.1/x'],
    ['a short address', 'https://127.1/x'],
    ['a full-width address', 'https://１２７.0.0.1/x'],
    ['a mapped address in dots', 'https://[::ffff:127.0.0.1]/x'],
    ['an invalid port', 'https://clients.internal:99999/x'],
    ['2,001 characters', `https://clients.internal/${'x'.repeat(1_976)}`],
  ])('refuses an id with %s', async (_, id) => {
    await expect(createDocuments().find(id)).rejects.toThrow(InputError);
    expect(lookups).toEqual([]);
  });

  it('refuses http, even to this machine, outside development', async () => {
    http.answer = json(documentOf(httpId()));
    const documents = createDocuments({ allowLoopback: false });

    await expect(documents.find(httpId())).rejects.toThrow(InputError);
    expect(http.requests).toEqual([]);
    await expect(createDocuments().find(httpId())).resolves.toBeDefined();
  });
});

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '0.0.0.0',
    '::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('is not connected to when a name leads to %s', async address => {
    names['innocent.example'] = [address];

    await expect(
      createDocuments().find('https://innocent.example/client.json'),
    ).rejects.toThrow(ServiceUnavailableError);
    expect(reasons()).toContain(`has the address ${address}`);
  });

  it.each([
    ['127.0.0.1', 'https://127.0.0.1/client.json'],
    ['169.254.169.254', 'https://169.254.169.254/latest'],
    ['::1', 'https://[::1]/client.json'],
    ['::ffff:7f00:1', 'https://[::ffff:7f00:1]/client.json'],
  ])('is not connected to when it is given as %s', async (address, id) => {
    await expect(createDocuments().find(id)).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(reasons()).toContain(`has the address ${address}`);
    expect(lookups).toEqual([]);
  });

  it('is not connected to when only one of several is', async () => {
    names['innocent.example'] = ['93.184.215.14', '10.0.0.1'];

    await expect(
      createDocuments().find('https://innocent.example/client.json'),
    ).rejects.toThrow(ServiceUnavailableError);
    expect(reasons()).toContain('has the address 10.0.0.1');
  });

  it('is told to nobody: a host inside looks like one that does not exist', async () => {
    names['inside.example'] = ['10.0.0.1'];
    const documents = createDocuments();
    const messageOf = (id: string) =>
      documents.find(id).catch((error: Error) => `${error}`);

    const inside = await messageOf('https://inside.example/x');
    expect(await messageOf('https://nowhere.example/x')).toBe(inside);
    expect(inside).not.toContain('10.0.0.1');
  });

  it('cannot be reached by answering differently the second time', async () => {
    const id = httpsId();
    https.answer = json(documentOf(id));
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.2']];
    const documents = createDocuments({
      resolve: async () =>
        answers.shift()!.map(address => ({ address, family: 4 })),
    });

    // The host exists for this resolver only: whoever asked another would fail.
    await expect(documents.find(id)).resolves.toBeDefined();
    expect(answers).toHaveLength(2);
    expect(https.requests).toHaveLength(1);
  });

  it('may be that of a trusted host, but never one at which clouds give out credentials', async () => {
    const id = httpsId();
    https.answer = json(documentOf(id));
    await expect(createDocuments().find(id)).resolves.toBeDefined();

    names[HOST] = ['169.254.169.254'];
    await expect(createDocuments().find(id)).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(reasons()).toContain('has the address 169.254.169.254');
  });

  it('may be that of a trusted host at the port that is trusted only', async () => {
    https.answer = json(documentOf(httpsId()));
    const documents = createDocuments({ trustedHosts: [HOST] });

    await expect(documents.find(httpsId())).rejects.toThrow(/port 443/);
    expect(https.requests).toEqual([]);
    expect(lookups).toEqual([]);
  });

  it('may not be another machine when localhost is said', async () => {
    names.localhost = ['127.0.0.1', '10.0.0.1'];

    await expect(createDocuments().find(httpId())).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(http.requests).toEqual([]);
  });
});

describe('a server of client metadata documents', () => {
  it.each([301, 302, 303, 307, 308, 304, 300])(
    'cannot lead elsewhere with status %s',
    async code => {
      const target = await startHttpServer();
      http.answer = status(code, {
        location: `http://127.0.0.1:${target.port}/latest/meta-data`,
      });

      await expect(createDocuments().find(httpId())).rejects.toThrow(
        'redirects are not followed',
      );
      expect(http.requests).toHaveLength(1);
      expect(target.requests).toEqual([]);
      await target.stop();
    },
  );

  it.each([
    ['too much', 'more than 64 KiB', json({ x: 'x'.repeat(65_536) })],
    ['HTML', 'application/json', json({}, { 'content-type': 'text/html' })],
    [
      'a type that only begins like JSON',
      'application/json',
      json({}, { 'content-type': 'application/jsonx' }),
    ],
    [
      'what it compressed',
      'compressed',
      json({}, { 'content-encoding': 'gzip' }),
    ],
    ['a list', 'no JSON object', json([])],
    ['another id', 'client_id', json(documentOf('https://claude.ai/x'))],
    ['404', 'answered 404', status(404)],
    ['204', 'answered 204', status(204)],
  ])('is refused when it sends %s', async (_, message, answer) => {
    http.answer = answer;
    const found = createDocuments().find(httpId());

    await expect(found).rejects.toThrow(InputError);
    await expect(found).rejects.toThrow(message);
  });

  it.each([
    ['no JSON', Buffer.from('{"client_id":')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['30,000 nested lists', Buffer.from('['.repeat(30_000))],
  ])('is refused when it sends %s', async (_, body) => {
    http.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);

    await expect(createDocuments().find(httpId())).rejects.toThrow(
      'is not JSON',
    );
  });

  it('may use a type with suffix', async () => {
    http.answer = json(documentOf(httpId()), {
      'content-type': 'application/oauth-client+json; charset=utf-8',
    });

    await expect(createDocuments().find(httpId())).resolves.toBeDefined();
  });

  it('is cut off when it never stops sending', async () => {
    let sent = 0;
    const closed = new Promise(resolve => {
      http.answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (response.write('x'.repeat(16_384))) {
            sent += 16_384;
          }
        };
        response.on('drain', more).on('close', resolve);
        more();
      };
    });

    await expect(createDocuments().find(httpId())).rejects.toThrow(
      'more than 64 KiB',
    );
    await closed;
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it('is cut off after five seconds, however it stalls', async () => {
    const timers: NodeJS.Timeout[] = [];
    http.answer = ({ url }, response) => {
      if (url === '/silent') {
        return;
      }
      if (url === '/headers') {
        // Status and headers, one character at a time.
        const text = `HTTP/1.1 200 OK\r\n${'x-slow: 1\r\n'.repeat(100)}`;
        let position = 0;
        timers.push(
          setInterval(() => {
            response.socket?.write(text.charAt(position++));
          }, 20),
        );
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      timers.push(setInterval(() => response.write(' '), 50));
    };
    const documents = createDocuments({
      resolve: hostname =>
        hostname === 'slow.example'
          ? new Promise(() => {})
          : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    const startedAt = performance.now();

    await Promise.all(
      [
        httpId('silent'),
        httpId('headers'),
        httpId('body'),
        'https://slow.example/names',
      ].map(id =>
        expect(documents.find(id)).rejects.toThrow(ServiceUnavailableError),
      ),
    );
    const durationMs = performance.now() - startedAt;
    timers.forEach(clearInterval);

    expect(durationMs).toBeGreaterThan(4_500);
    expect(durationMs).toBeLessThan(7_000);
  });

  it('has to have a certificate for its name', async () => {
    names['other.internal'] = ['127.0.0.1'];
    const id = `https://other.internal:${https.port}/client.json`;
    https.answer = json(documentOf(id));
    const documents = createDocuments({
      trustedHosts: [`other.internal:${https.port}`],
    });

    await expect(documents.find(id)).rejects.toThrow(ServiceUnavailableError);
    expect(https.requests).toEqual([]);
    expect(reasons()).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is asked for the keys of its clients too, under the same rules', async () => {
    const id = httpId();
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: '1' };
    let keysAt = '/jwks';
    http.answer = (request, response) =>
      request.url === '/client.json'
        ? json({
            ...documentOf(id),
            token_endpoint_auth_method: 'private_key_jwt',
            jwks_uri: new URL(keysAt, id).href,
          })(request, response)
        : (request.url === '/jwks' ? json({ keys: [key] }) : status(302))(
            request,
            response,
          );

    await expect(createDocuments().find(id)).resolves.toMatchObject({
      jwks: { keys: [key] },
    });
    expect(http.requests).toEqual(['GET /client.json', 'GET /jwks']);
    keysAt = '/elsewhere';
    await expect(createDocuments().find(id)).rejects.toThrow(
      'redirects are not followed',
    );
  });
});

describe('a document that was fetched', () => {
  it.each([
    ['says nothing', {}, 5 * MINUTE_MS],
    [
      'wants it forgotten',
      { 'cache-control': 'no-store, max-age=9999' },
      5 * MINUTE_MS,
    ],
    ['says a second', { 'cache-control': 'max-age=1' }, 5 * MINUTE_MS],
    ['says an hour', { 'cache-control': 'public, max-age=3600' }, HOUR_MS],
    ['says a year', { 'cache-control': 'max-age=31536000' }, 24 * HOUR_MS],
    ['says nonsense', { 'cache-control': 'max-age=-5' }, 5 * MINUTE_MS],
  ])('is kept as allowed when its server %s', async (_, headers, ageMs) => {
    const documents = createDocuments();
    http.answer = json(documentOf(httpId()), headers);
    await documents.find(httpId());

    skewMs = ageMs - 10_000;
    await documents.find(httpId());
    expect(http.requests).toHaveLength(1);
    skewMs = ageMs + 10_000;
    await documents.find(httpId());
    expect(http.requests).toHaveLength(2);
  });

  it('is fetched once for callers at the same time', async () => {
    const documents = createDocuments();
    http.answer = json(documentOf(httpId()));

    await Promise.all(
      Array.from({ length: 50 }, () => documents.find(httpId())),
    );
    expect(http.requests).toHaveLength(1);
  });

  it('is used for another day while its server does not answer', async () => {
    const documents = createDocuments();
    http.answer = json(documentOf(httpId()));
    const before = await documents.find(httpId());
    http.answer = status(503);

    skewMs = 10 * MINUTE_MS;
    await expect(documents.find(httpId())).resolves.toEqual(before);
    expect(http.requests).toHaveLength(2);
    skewMs = 24 * HOUR_MS;
    await expect(documents.find(httpId())).resolves.toEqual(before);
    skewMs = 24 * HOUR_MS + 10 * MINUTE_MS;
    await expect(documents.find(httpId())).rejects.toThrow('answered 503');
  });

  it('is used no more once its server says that it is gone or something unacceptable', async () => {
    for (const answer of [status(404), json({ client_secret: 'x' })]) {
      const documents = createDocuments();
      http.answer = json(documentOf(httpId()));
      await documents.find(httpId());
      http.answer = answer;

      skewMs += 10 * MINUTE_MS;
      await expect(documents.find(httpId())).rejects.toThrow(InputError);
      http.answer = status(503);
      skewMs += MINUTE_MS;
      await expect(documents.find(httpId())).rejects.toThrow('answered 503');
    }
  });

  it('is not asked for again within 30 seconds after a failure', async () => {
    const documents = createDocuments();
    await expect(documents.find(httpId())).rejects.toThrow('answered 404');
    http.answer = json(documentOf(httpId()));

    skewMs = 25_000;
    await expect(documents.find(httpId())).rejects.toThrow('answered 404');
    expect(http.requests).toHaveLength(1);
    skewMs = 35_000;
    await expect(documents.find(httpId())).resolves.toBeDefined();
  });

  it('is not pushed out by made-up ids', async () => {
    const documents = createDocuments();
    http.answer = json(documentOf(httpId()));
    await documents.find(httpId());
    http.answer = status(404);
    for (let i = 0; i < 60; i++) {
      await Promise.allSettled(
        Array.from({ length: 20 }, (_, j) =>
          documents.find(httpId(`${i}-${j}`)),
        ),
      );
    }
    expect(http.requests).toHaveLength(1_201);

    await expect(documents.find(httpId())).resolves.toBeDefined();
    expect(http.requests).toHaveLength(1_201);
  });

  it('is one of 20 at most that are fetched at a time', async () => {
    const documents = createDocuments();
    const waiting: Array<() => void> = [];
    http.answer = (request, response) =>
      waiting.push(() => status(404)(request, response));
    const found = Array.from({ length: 30 }, (_, i) =>
      documents.find(httpId(`${i}`)).catch((error: Error) => error.message),
    );
    while (waiting.length < 20) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    waiting.forEach(answer => answer());

    const messages = await Promise.all(found);
    expect(http.requests).toHaveLength(20);
    expect(
      messages.filter(message => `${message}`.includes('try again')),
    ).toHaveLength(10);
    http.answer = status(404);
    await expect(documents.find(httpId('29'))).rejects.toThrow('answered 404');
  });
});
