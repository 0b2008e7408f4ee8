import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { AuthenticationError } from '@backstage/errors';
import express from 'express';
import request from 'supertest';
import type { Caller } from '../callers/Caller';
import {
  ListedPortal,
  ListedServer,
  readRegistryApiConfig,
  RegistryEntries,
} from '../registryApi';
import { createRegistryApiRouter } from './registryApi';

const OFFICIAL = 'io.modelcontextprotocol.registry/official';

type Listed = ListedServer & {
  annotations: Record<string, string>;
  owner: string;
  remotes: object[];
};

function server(name: string, change: Partial<Listed> = {}): Listed {
  return {
    name,
    title: `Title of ${name}`,
    description: `Description of ${name}`,
    status: 'approved',
    createdAt: '2026-11-01T00:00:00.000Z',
    updatedAt: '2026-11-02T00:00:00.000Z',
    annotations: { 'prompt-corner.dev/registry-visibility': 'public' },
    owner: 'user:default/olivia',
    remotes: [
      { type: 'streamable-http', url: 'https://internal.corp.example/mcp' },
    ],
    ...change,
  };
}

const portal = (name: string, servers?: string[]): ListedPortal => ({
  name,
  urlOf: () => `https://portal.example.com/api/mcp-portal/v1/${name}`,
  serves: wanted => !servers || servers.includes(wanted),
});

function start(options: {
  servers: Listed[];
  portals?: ListedPortal[];
  config?: object;
}) {
  const logger = mockServices.logger.mock();
  const config = readRegistryApiConfig(
    new ConfigReader({
      app: { baseUrl: 'https://portal.example.com/base' },
      mcpPortal: { registry: options.config ?? {} } as never,
    }),
  );
  const portals = options.portals ?? [portal('default')];
  const app = express();
  app.use(
    '/registry',
    createRegistryApiRouter({
      config,
      entries: new RegistryEntries({ namespace: config.namespace, logger }),
      servers: () => options.servers,
      openPortals: () => portals,
      callerOf: async ({ headers }) => {
        if (headers.authorization !== 'Bearer agent') {
          throw new AuthenticationError('A token is needed');
        }
        return { kind: 'user', uuid: 'u' } as Caller;
      },
      serversFor: async () =>
        options.servers.filter(({ status }) => status === 'approved'),
      portalsFor: async () => [portal('mine'), ...portals],
      logger,
    }),
  );
  const get = (path: string) => request(app).get(`/registry${path}`);
  return { app, get, logger };
}

const namesIn = (body: { servers: Array<{ server: { name: string } }> }) =>
  body.servers.map(item => item.server.name.split('/')[1]);

describe('The registry API', () => {
  it('lists servers as the specification has it, and leads to the portal', async () => {
    const { get } = start({
      servers: [server('gitlab', { version: '2.1.0' })],
    });
    const { body, headers } = await get('/v0.1/servers');
    expect(body).toEqual({
      servers: [
        {
          server: {
            $schema:
              'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
            name: 'com.example.portal/gitlab',
            title: 'Title of gitlab',
            description: 'Description of gitlab',
            version: '2.1.0',
            remotes: [
              {
                type: 'streamable-http',
                url: 'https://portal.example.com/api/mcp-portal/v1/default',
              },
            ],
            _meta: {
              'io.modelcontextprotocol.registry/publisher-provided': {
                github: { readme: 'Description of gitlab' },
              },
            },
          },
          _meta: {
            [OFFICIAL]: {
              status: 'active',
              statusChangedAt: '2026-11-02T00:00:00.000Z',
              publishedAt: '2026-11-01T00:00:00.000Z',
              updatedAt: '2026-11-02T00:00:00.000Z',
              isLatest: true,
            },
          },
        },
      ],
      metadata: { count: 1 },
    });
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=60',
    });
  });

  it('tells nobody more than is public', async () => {
    const servers = [
      server('open'),
      server('unmarked', { annotations: {} }),
      server('waiting', { status: 'pending' }),
      server('draft', { status: 'draft' }),
      server('elsewhere'),
    ];
    const portals = [portal('default', ['open', 'unmarked', 'waiting'])];
    const list = async (anonymous?: string) => {
      const { get } = start({ servers, portals, config: { anonymous } });
      const answer = await get('/v0.1/servers?include_deleted=true');
      expect(answer.text).not.toMatch(/internal|olivia|owner/);
      return namesIn(answer.body);
    };
    expect(await list()).toEqual(['open']);
    expect(await list('marked')).toEqual(['open']);
    expect(await list('all')).toEqual(['open', 'unmarked']);
    expect(await list('none')).toEqual([]);
    const { get } = start({ servers, portals });
    const hidden = await get(
      '/v0.1/servers/com.example.portal%2Funmarked/versions/latest',
    );
    expect([hidden.status, hidden.body]).toEqual([
      404,
      { error: 'Server not found' },
    ]);
  });

  it('finds a server by its encoded name, and by one that a proxy decoded', async () => {
    const { get } = start({
      servers: [server('gitlab', { version: '2.1.0' })],
    });
    for (const name of [
      'com.example.portal%2Fgitlab',
      'com.example.portal/gitlab',
    ]) {
      const versions = await get(`/v0.1/servers/${name}/versions`);
      expect(versions.body.metadata).toEqual({ count: 1 });
      for (const version of ['latest', '2.1.0', 'latest/']) {
        const { body } = await get(`/v0.1/servers/${name}/versions/${version}`);
        expect(body).toEqual(versions.body.servers[0]);
      }
    }
    const path = '/v0.1/servers/com.example.portal%2Fgitlab/versions';
    const unknown = await Promise.all([
      get(`${path}/1.0.0`),
      get('/v0.1/servers/com.example.portal%2Fother/versions/latest'),
      get('/v0.1/servers/com.example.portal%2Fgitlab'),
      get('/v0/servers'),
    ]);
    for (const { status, body } of unknown) {
      expect([status, typeof body.error]).toEqual([404, 'string']);
    }
    expect((await get('/v0.1/servers/%zz/versions')).status).toBe(400);
  });

  it('pages as VS Code does: with a cursor as it is, and the search only at first', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map(letter => `${letter}Tool`);
    const { get } = start({
      servers: [...names.reverse().map(name => server(name)), server('other')],
    });
    const found: string[] = [];
    let path = '/v0.1/servers?limit=2&version=latest&search=tool';
    for (;;) {
      const { body } = await get(path);
      found.push(...namesIn(body));
      const { nextCursor } = body.metadata;
      if (!nextCursor) {
        break;
      }
      expect(nextCursor).toBe(encodeURIComponent(nextCursor));
      path = `/v0.1/servers?limit=2&version=latest&cursor=${nextCursor}`;
    }
    expect(found).toEqual(['aTool', 'bTool', 'cTool', 'dTool', 'eTool']);
  });

  it('filters by text, version and time', async () => {
    const { get } = start({
      servers: [
        server('old', { description: 'Weather', version: '1.2.3' }),
        server('new', { updatedAt: '2026-11-20T00:00:00.000Z' }),
        server('gone', {
          status: 'retired',
          updatedAt: '2026-11-20T00:00:00.000Z',
        }),
      ],
    });
    const list = async (query: string) =>
      namesIn((await get(`/v0.1/servers/?${query}`)).body);
    expect(await list('')).toEqual(['new', 'old']);
    expect(await list('search=wEATHER')).toEqual(['old']);
    expect(await list('search=')).toEqual(['new', 'old']);
    expect(await list('version=1.2.3')).toEqual(['old']);
    expect(await list('include_deleted=true')).toEqual(['gone', 'new', 'old']);
    // Who keeps a copy has to learn what is gone.
    expect(await list('updated_since=2026-11-10T00:00:00Z')).toEqual([
      'gone',
      'new',
    ]);
    const { body } = await get('/v0.1/servers?include_deleted=true');
    const gone = body.servers[0];
    expect(gone.server).not.toHaveProperty('remotes');
    expect(gone._meta[OFFICIAL].status).toBe('deleted');
    expect((await get('/v0.1/servers?limit=100000')).status).toBe(200);
  });

  it.each([
    'limit=0',
    'limit=x',
    'cursor=x',
    `cursor=${Buffer.from('{"after":1}').toString('base64url')}`,
    'updated_since=yesterday',
    'include_deleted=maybe',
    'search=a&search=b',
    `search=${'x'.repeat(201)}`,
  ])('refuses %s', async query => {
    const { get } = start({ servers: [] });
    const { status, body } = await get(`/v0.1/servers?${query}`);
    expect([status, Object.keys(body)]).toEqual([400, ['error']]);
  });

  it('leaves an invalid server out, keeps the rest, and logs it once', async () => {
    const { get, logger } = start({
      servers: [
        server('aaa', { title: '', description: ' ' }),
        server('bad name'),
        server('fine', {
          title: 'x'.repeat(300),
          description: `First\nline ${'y'.repeat(300)}`,
          version: '^1.0',
        }),
      ],
    });
    const { body } = await get('/v0.1/servers');
    await get('/v0.1/servers');
    expect(namesIn(body)).toEqual(['fine']);
    const [{ server: fine }] = body.servers;
    expect(fine.title).toHaveLength(100);
    expect(fine.description).toMatch(/^First line y+…$/);
    expect(fine.description).toHaveLength(100);
    expect(fine.version).toBe('1.0.0');
    const [meta] = Object.values<any>(fine._meta);
    expect(meta.github.readme).toContain('y'.repeat(300));
    expect(logger.warn).toHaveBeenCalledTimes(2);
  });

  it('changes nothing, and says so', async () => {
    const { app } = start({ servers: [server('gitlab')] });
    const path = '/registry/v0.1/servers/com.example.portal%2Fgitlab';
    const answers = await Promise.all([
      request(app).post('/registry/v0.1/publish').send({}),
      request(app).put(`${path}/versions/1.0.0`).send({}),
      request(app).delete(`${path}/versions/1.0.0`),
      request(app).patch(`${path}/versions/1.0.0/status`).send({}),
      request(app).patch(`${path}/status`).send({}),
    ]);
    for (const { status, body } of answers) {
      expect([status, typeof body.error]).toEqual([501, 'string']);
    }
    const preflight = await request(app).options('/registry/v0.1/servers');
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, OPTIONS',
      'access-control-allow-headers': 'Authorization, Content-Type',
    });
  });

  it('answers who has the page already without sending it again', async () => {
    const { get } = start({ servers: [server('gitlab')] });
    const { headers } = await get('/v0.1/servers');
    const again = await get('/v0.1/servers').set('if-none-match', headers.etag);
    expect(again.status).toBe(304);
  });

  it('shows an agent what its user may use', async () => {
    const { get } = start({
      servers: [server('secret', { annotations: {} })],
    });
    const path = '/mine/v0.1/servers';
    const refused = await get(path);
    expect([refused.status, refused.body]).toEqual([
      401,
      { error: 'A token is needed' },
    ]);
    const { body, headers } = await get(path).set(
      'authorization',
      'Bearer agent',
    );
    expect(namesIn(body)).toEqual(['secret']);
    expect(body.servers[0].server.remotes[0].url).toMatch(/\/mine$/);
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  it('limits what one address asks', async () => {
    const { get } = start({ servers: [], config: { requestsPerMinute: 2 } });
    await get('/v0.1/servers');
    await get('/v0.1/servers');
    const { status, headers, body } = await get('/v0.1/servers');
    expect([status, typeof body.error]).toEqual([429, 'string']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
