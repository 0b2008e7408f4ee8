import { mockServices } from '@backstage/backend-test-utils';
import { portalCaller } from '../../callers/portalCaller';
import { Upstreams, upstreamFetch } from '../../upstreams';
import { describing } from '../__testUtils__/descriptions';
import {
  ApiAnswer,
  Recorder,
  RecordedRequest,
  startRecorder,
} from '../__testUtils__/startRecorder';
import { ApiSpecification } from '../specification';

jest.setTimeout(60_000);

const responses = { 200: { description: 'OK' } };
const DESCRIPTION = describing({
  '/items': {
    get: { parameters: [{ name: 'q', in: 'query' }], responses },
    post: { responses },
  },
});

const TOKEN = 'c2VjcmV0/c2VjcmV0/c2VjcmV0+==';

const json = (status: number, value: unknown): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

describe('what an API answers', () => {
  let api: Recorder;
  let answer: (request: RecordedRequest) => ApiAnswer | Promise<ApiAnswer>;
  const refused = jest.fn();

  beforeAll(async () => {
    api = await startRecorder(request => answer(request));
  });
  beforeEach(() => {
    api.requests.length = 0;
    refused.mockReset().mockResolvedValue('authorize');
  });
  afterAll(() => api.stop());

  async function ask(
    method: 'GET' | 'POST' = 'GET',
    options: {
      maxBytes?: number;
      timeoutMs?: number;
      digest?: string;
      query?: object;
    } = {},
  ) {
    const specification = await ApiSpecification.read(DESCRIPTION);
    const logger = mockServices.logger.mock();
    const upstreams = new Upstreams({
      specifications: { of: async () => specification },
      sessions: {} as never,
      signIn: {
        headersFor: async () => ({ authorization: `Bearer ${TOKEN}` }),
        refused,
        grantedScopes: async () => undefined,
        connectUrlOf: () => 'https://portal.example.com/connect',
        partitionOf: () => '',
      },
      fetchFor: upstreamFetch({ logger }),
      logger,
      version: '1',
      maxBytes: options.maxBytes,
    });
    const key = `${method} /items`;
    const { definition } = specification.operations.get(key)!;
    return upstreams.request({
      server: {
        entityRef: 'api:default/items',
        name: 'items',
        remotes: [{ type: 'openapi', url: api.url }],
      },
      caller: portalCaller({ auth: mockServices.auth() } as never),
      client: { session: 's', capabilities: {} },
      method: 'tools/call',
      params: {
        name: key,
        arguments: {
          method,
          path: '/items',
          parameters: {},
          query: options.query,
        },
      },
      toolDefinition: {
        ...definition,
        ...(options.digest && { contentDigest: options.digest }),
      },
      repeatable: method === 'GET',
      signal: new AbortController().signal,
      timeoutMs: options.timeoutMs ?? 10_000,
    });
  }

  it('is status, some headers and body', async () => {
    answer = () => ({
      ...json(200, { a: 1 }),
      headers: {
        'content-type': 'application/json',
        link: '</items?page=2>; rel="next"',
        'set-cookie': 'sid=1',
        'x-internal': '10.0.0.1',
      },
    });
    expect(await ask()).toMatchObject({
      isError: false,
      structuredContent: {
        status: 200,
        headers: {
          'content-type': 'application/json',
          link: '</items?page=2>; rel="next"',
        },
        body: { a: 1 },
      },
    });
    const [request] = api.requests;
    expect(request.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'prompt-corner/1',
    });
    const { structuredContent } = await ask();
    expect(JSON.stringify(structuredContent)).not.toMatch(/sid=1|10\.0\.0\.1/);
  });

  it('never has the credential in it, however the API repeats it', async () => {
    answer = ({ headers }) => ({
      ...json(400, { seen: headers.authorization, also: `${TOKEN}!` }),
      headers: {
        'content-type': 'application/json',
        location: `/login?token=${encodeURIComponent(TOKEN)}`,
      },
    });
    expect(await ask()).toMatchObject({
      structuredContent: {
        headers: { location: '/login?token=[credential]' },
        body: { seen: 'Bearer [credential]', also: '[credential]!' },
      },
    });
    answer = () => ({
      ...json(400, 0),
      body: JSON.stringify(TOKEN).replaceAll('/', '\\/'),
    });
    expect(await ask()).toMatchObject({
      structuredContent: { body: '[credential]' },
    });
  });

  it('is an error that can be read, and is not sent twice', async () => {
    for (const status of [400, 403, 404, 422, 429, 500]) {
      api.requests.length = 0;
      answer = () => json(status, { message: 'No' });
      expect(await ask('POST')).toMatchObject({
        isError: true,
        structuredContent: { status, body: { message: 'No' } },
      });
      expect(api.requests).toHaveLength(1);
    }
  });

  it('is not followed when it leads elsewhere', async () => {
    answer = () => ({
      status: 302,
      headers: { location: 'https://evil.example.com/' },
    });
    expect(await ask()).toMatchObject({
      isError: true,
      structuredContent: {
        status: 302,
        headers: { location: 'https://evil.example.com/' },
        body: null,
      },
    });
    expect(api.requests).toHaveLength(1);
  });

  it('may be no JSON, or nothing', async () => {
    answer = () => ({ status: 204 });
    expect(await ask()).toMatchObject({ structuredContent: { body: null } });
    answer = () => ({ ...json(200, 0), body: '{"broken' });
    expect(await ask()).toMatchObject({
      structuredContent: { body: '{"broken' },
    });
    answer = () => ({
      status: 200,
      headers: { 'content-type': 'image/png' },
      body: 'xxxx',
    });
    expect(await ask()).toMatchObject({
      structuredContent: {
        body: '[image/png: 4 characters that are no text]',
      },
    });
  });

  it('is asked for again with a better credential, and once', async () => {
    refused.mockResolvedValueOnce('retry');
    answer = () => ({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
    await expect(ask('POST')).rejects.toMatchObject({
      failure: 'unauthorized',
    });
    expect(api.requests).toHaveLength(2);
    expect(refused.mock.calls[0][2]).toMatchObject({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
    });
  });

  it('is none when there is no API, for writing after one try', async () => {
    answer = () => ({ status: 503, headers: { 'retry-after': '7' } });
    await expect(ask('GET')).rejects.toMatchObject({
      failure: 'unreachable',
      retryAfterSeconds: 7,
    });
    expect(api.requests).toHaveLength(2);
    api.requests.length = 0;
    await expect(ask('POST')).rejects.toMatchObject({ failure: 'unreachable' });
    expect(api.requests).toHaveLength(1);
  });

  it('may be too large, or too late', async () => {
    answer = () => json(200, 'x'.repeat(5_000));
    await expect(ask('GET', { maxBytes: 1_000 })).rejects.toMatchObject({
      failure: 'too_large',
    });
    answer = () => new Promise(() => {});
    await expect(ask('GET', { timeoutMs: 200 })).rejects.toMatchObject({
      failure: 'timeout',
    });
  });

  it('is not asked for with what is no text, and that is no failure of the API', async () => {
    await expect(ask('GET', { query: { q: '\ud800' } })).rejects.toMatchObject({
      name: 'ProtocolError',
      message: 'URI malformed',
    });
    expect(api.requests).toEqual([]);
  });

  it('is not asked for when the operation is not as it was approved', async () => {
    await expect(ask('GET', { digest: 'another' })).rejects.toThrow(
      'has changed since it was approved',
    );
    expect(api.requests).toEqual([]);
  });
});
