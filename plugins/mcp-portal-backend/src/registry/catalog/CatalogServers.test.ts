import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import aiModel from '@backstage/plugin-catalog-backend-module-ai-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { JsonObject } from '@backstage/types';
import { catalogEntities } from '@prompt-corner/backend-testing';
import { ApiSpecifications } from '../../apis';
import { serverEntity } from '../__testUtils__/createRegistry';
import { CatalogServers } from './CatalogServers';
import { readCatalogServer } from './readCatalogServer';

jest.setTimeout(120_000);

function entity(kind: string, name: string, spec: JsonObject): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: {
      name,
      annotations: {
        'prompt-corner.dev/registry-visibility': 'public',
      },
      tags: ['git'],
    },
    spec,
  };
}

const remote = {
  type: 'streamable-http',
  url: 'https://gitlab.example.com/mcp',
};

const entities = [
  entity('API', 'gitlab', {
    type: 'mcp-server',
    lifecycle: 'production',
    owner: 'dev-team',
    system: 'forge',
    remotes: [remote],
  }),
  entity('API', 'stdio-only', {
    type: 'mcp-server',
    lifecycle: 'production',
    owner: 'user:default/ada',
    remotes: [{ type: 'stdio', url: 'npx evil' }],
  }),
  entity('API', 'rest', {
    type: 'openapi',
    lifecycle: 'production',
    owner: 'dev-team',
    definition: 'x',
  }),
  entity('System', 'forge', { owner: 'dev-team', domain: 'engineering' }),
];

/** An API that asks to be a server. */
function api(name: string, baseUrl: string, url: string): Entity {
  const found = entity('API', name, {
    type: 'openapi',
    lifecycle: 'production',
    owner: 'dev-team',
    definition: JSON.stringify({
      openapi: '3.0.3',
      servers: [{ url }],
      paths: {},
    }),
  });
  found.metadata.annotations!['prompt-corner.dev/api-base-url'] = baseUrl;
  return found;
}

const apis = [
  api('configured', 'https://api.example.com/v3', '/relative'),
  api('described', 'specification', 'https://described.example.com/v1'),
  api('relative', 'specification', '/v1'),
];

const specifiedUrlOf = async () => undefined;

/** A real catalog, with these entities. */
async function startCatalog(all = entities) {
  const catalog = catalogEntities(all);
  await startTestBackend({
    features: [
      catalogPlugin,
      aiModel,
      catalog.feature,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: { baseUrl: 'http://localhost' },
        },
      }),
    ],
  });
  return catalog.services();
}

describe('MCP servers of the catalog', () => {
  it('are read from a real one, with owner, system and domain', async () => {
    const { catalog, auth } = await startCatalog();
    const servers = new CatalogServers({ catalog, auth, specifiedUrlOf });
    let found = await servers.read();
    // The catalog stitches entities one by one.
    for (let times = 0; times < 300; times++) {
      if (found.length === 2 && found.some(({ domain }) => domain)) {
        break;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
      found = await servers.read();
    }
    found.sort((a, b) => (a.entityRef < b.entityRef ? -1 : 1));
    expect(found).toMatchObject([
      {
        entityRef: 'api:default/gitlab',
        owner: 'group:default/dev-team',
        owners: ['group:default/dev-team'],
        lifecycle: 'production',
        system: 'system:default/forge',
        domain: 'domain:default/engineering',
        tags: ['git'],
        annotations: { 'prompt-corner.dev/registry-visibility': 'public' },
        remotes: [remote],
      },
      {
        entityRef: 'api:default/stdio-only',
        owners: ['user:default/ada'],
        remotes: [],
        problem: expect.stringContaining('streamable-http or sse'),
      },
    ]);
    const credentials = await auth.getOwnServiceCredentials();
    expect(
      await servers.readable(
        ['api:default/gitlab', 'api:default/gone'],
        credentials,
      ),
    ).toEqual(new Set(['api:default/gitlab']));
  });

  it('are APIs as well that ask for it, at the URL that is approved', async () => {
    const { catalog, auth } = await startCatalog(apis);
    const specifications = new ApiSpecifications({ catalog, auth });
    const servers = new CatalogServers({
      catalog,
      auth,
      specifiedUrlOf: async ref => (await specifications.of(ref)).baseUrl,
    });
    let found = await servers.read();
    for (let times = 0; times < 300 && found.length < 3; times++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      found = await servers.read();
    }
    found.sort((a, b) => (a.entityRef < b.entityRef ? -1 : 1));
    expect(found).toMatchObject([
      { remotes: [{ type: 'openapi', url: 'https://api.example.com/v3' }] },
      {
        remotes: [{ type: 'openapi', url: 'https://described.example.com/v1' }],
      },
      { remotes: [], problem: expect.stringContaining('has to be a URL') },
    ]);
  });

  it('stay unknown when the catalog does not answer', async () => {
    const servers = new CatalogServers({
      specifiedUrlOf,
      auth: mockServices.auth(),
      catalog: {
        streamEntities: () => {
          throw new Error('connection refused');
        },
      } as unknown as CatalogService,
    });
    await expect(servers.read()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });

  it('stay unknown when the catalog does not say where an API is', async () => {
    const servers = new CatalogServers({
      specifiedUrlOf: async () => {
        throw new Error('connection refused');
      },
      auth: mockServices.auth(),
      catalog: {
        async *streamEntities() {
          yield apis.filter(({ metadata }) => metadata.name === 'described');
        },
      } as unknown as CatalogService,
    });
    await expect(servers.read()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });

  it.each([
    ['HTTP', 'streamable-http'],
    ['shttp', 'streamable-http'],
    ['streamableHttp', 'streamable-http'],
    ['streamable_http', 'streamable-http'],
    ['SSE', 'sse'],
  ])('may call a transport %s', (spelled, type) => {
    const server = serverEntity('x');
    server.spec!.remotes = [
      { type: spelled, url: 'HTTPS://X.example.com:443/mcp#part' },
      { type: 'stdio', url: 'npx x' },
    ];
    expect(readCatalogServer(server).remotes).toEqual([
      { type, url: 'https://x.example.com/mcp' },
    ]);
  });

  it.each([
    ['begin with http', [{ type: 'http', url: 'file:///etc/passwd' }]],
    ['begin with http', [{ type: 'sse', url: 'data:text/html,x' }]],
    [
      'credentials',
      [remote as object, { type: 'http', url: 'https://ada:secret@x.example' }],
    ],
    ['has to be a URL', [{ type: 'http', url: 'x.example' }]],
    ['has to be a URL', [{ type: 'http', url: { href: 'https://x' } }]],
    ['has to be a URL', [{ type: 'http' }]],
    ['list', 'https://x.example'],
    ['list', Array(11).fill(remote)],
    ['None of', [null, 7, {}]],
    ['None of', []],
  ])('are told what is wrong with remotes: %s', (message, remotes) => {
    const server = serverEntity('x');
    server.spec!.remotes = remotes as never;
    const read = readCatalogServer(server);
    expect(read.problem).toContain(message);
    expect(read.problem).not.toContain('secret');
    expect(read.remotes).toEqual([]);
  });

  it('are shown without what a person would not see', () => {
    const server = serverEntity('x');
    server.metadata.title = 'Git\u202eLab';
    server.metadata.description = `${'x'.repeat(3_000)}`;
    expect(readCatalogServer(server)).toMatchObject({
      title: 'Git⟨U+202E⟩Lab',
      description: expect.stringMatching(/^x{1999}…$/),
    });
  });
});
