import { createServiceFactory } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import {
  CatalogService,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { connect, SignedIn } from '../__testUtils__/connect';
import { startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const component = (name: string, spec: object = {}): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name },
  spec: {
    type: 'service',
    lifecycle: 'production',
    owner: 'group:default/nobody',
    ...spec,
  },
});

const api = (name: string, type: string, definition: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'API',
  metadata: { name },
  spec: {
    type,
    lifecycle: 'production',
    owner: 'group:default/nobody',
    definition,
  },
});

/** An OpenAPI document of at least so many characters. */
function largeOpenApi(characters: number): string {
  const paths: Record<string, object> = {};
  const filler = 'Lorem ipsum dolor sit amet. '.repeat(30);
  for (let number = 0; number * 1_000 < characters; number++) {
    paths[`/things/${number}`] = {
      get: {
        operationId: `getThing${number}`,
        description: filler,
        responses: { 200: { description: 'ok' } },
      },
    };
  }
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Large', version: '1' },
    paths,
  });
}

describe('with broken data in the catalog', () => {
  let caller: SignedIn;

  beforeAll(async () => {
    const ring = Array.from({ length: 60 }, (_, index) =>
      component(`ring-${index}`, {
        dependsOn: [
          `component:ring-${(index + 1) % 60}`,
          `component:ring-${(index + 7) % 60}`,
        ],
      }),
    );
    caller = await connect(
      await startPortal({
        entities: [
          ...ring,
          component('self', {
            dependsOn: ['component:self', 'component:gone'],
          }),
          component('lonely'),
          api('large', 'openapi', largeOpenApi(5_000_000)),
          api('not-yaml', 'openapi', 'openapi: [unclosed\n  paths: {'),
          api('not-openapi', 'openapi', 'hello'),
          api(
            'circular',
            'openapi',
            JSON.stringify({
              openapi: '3.1.0',
              info: { title: 'Circular', version: '1' },
              paths: {
                '/nodes': {
                  get: {
                    operationId: 'nodes',
                    responses: {
                      200: {
                        description: 'ok',
                        content: {
                          'application/json': {
                            schema: { $ref: '#/components/schemas/Node' },
                          },
                        },
                      },
                    },
                  },
                },
              },
              components: {
                schemas: {
                  Node: {
                    type: 'object',
                    properties: {
                      next: { $ref: '#/components/schemas/Node' },
                      gone: { $ref: '#/components/schemas/Gone' },
                    },
                  },
                },
              },
            }),
          ),
          api('odd', 'fax', 'anything'),
        ],
      }),
    );
  });

  it('walks a cyclic graph once', async () => {
    const forward = await caller.ask('get_dependencies', {
      ref: 'ring-0',
      depth: 5,
      limit: 200,
    });
    const refs = forward.dependencies.map(({ ref }: any) => ref);
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs).not.toContain('component:default/ring-0');
    const impact = await caller.ask('impact_of', { ref: 'ring-0', depth: 10 });
    expect(impact.affected).toBeLessThan(60);
    expect(impact.unowned).toHaveLength(30);
    expect(impact.more).toContain('unowned');
    const path = await caller.ask('find_path', {
      from: 'ring-0',
      to: 'ring-59',
      depth: 10,
    });
    expect(path.found).toBe(true);
    const self = await caller.ask('get_dependencies', { ref: 'self' });
    expect(self.missing).toEqual(['component:default/gone']);
    expect(
      (await caller.ask('find_path', { from: 'lonely', to: 'self' })).found,
    ).toBe(false);
    expect(
      await caller.fail('find_path', { from: 'self', to: 'self' }),
    ).toContain('two different entities');
  });

  it('answers about an entity whose owner is missing everywhere', async () => {
    const owner = await caller.ask('get_owner', { ref: 'lonely' });
    expect(owner.owner).toBeUndefined();
    expect(owner.problem).toContain(
      '"group:default/nobody", which is not in the catalog',
    );
  });

  it('bounds a definition of 5 MB', async () => {
    const startedAt = Date.now();
    const listed = await caller.ask('get_api', { ref: 'large', limit: 200 });
    expect(listed.operations).toHaveLength(200);
    expect(listed.more).toMatch(/200 of \d+ operations/);
    const one = await caller.ask('get_api', {
      ref: 'large',
      operation: 'getThing4999',
    });
    expect(JSON.stringify(one).length).toBeLessThan(30_000);
    const found = await caller.ask('find_apis', { query: 'getThing77' });
    expect(found.apis[0].ref).toBe('api:default/large');
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    await expect(
      caller.client.readResource({
        uri: 'catalog://apis/default/large/definition',
      }),
    ).rejects.toThrow('too many to read at once');
  });

  it('says what is wrong with a definition', async () => {
    expect(await caller.fail('get_api', { ref: 'not-yaml' })).toMatch(
      /line|YAML/i,
    );
    expect(await caller.fail('get_api', { ref: 'not-openapi' })).toContain(
      'expected an object',
    );
    expect(await caller.fail('get_api', { ref: 'odd' })).toMatch(/fax/);
    const circular = await caller.ask('get_api', {
      ref: 'circular',
      operation: 'nodes',
    });
    expect(JSON.stringify(circular).length).toBeLessThan(10_000);
  });
});

describe('when the catalog is dead', () => {
  it('says so, and answers again when it is back', async () => {
    let dead = false;
    const refuse = async () => {
      throw new TypeError('fetch failed');
    };
    const refusals: Partial<Record<keyof CatalogService, unknown>> = {
      // eslint-disable-next-line require-yield
      async *streamEntities() {
        await refuse();
      },
    };
    const real = fakeCatalog(component('only'));
    const proxied = new Proxy({} as CatalogService, {
      get: (_, method: keyof CatalogService) =>
        dead ? refusals[method] ?? refuse : (real as any)[method],
    });
    const mortal = createServiceFactory({
      service: catalogServiceRef,
      deps: {},
      factory: () => proxied,
    });
    const caller = await connect(
      await startPortal({ entities: [], features: [mortal] }),
    );
    expect((await caller.ask('get_entity', { ref: 'only' })).ref).toBe(
      'component:default/only',
    );
    dead = true;
    // What is in memory answers a little longer, and then no more.
    await waitFor(async () => {
      const { isError } = await caller.client.callTool({
        name: 'get_entity',
        arguments: { ref: 'only' },
      });
      return isError === true;
    });
    for (const [tool, input] of [
      ['get_entity', { ref: 'only' }],
      ['find_entities', { kind: 'component' }],
      ['get_dependencies', { ref: 'component:default/only' }],
    ] as const) {
      expect(await caller.fail(tool, input)).toBe(
        'The software catalog does not answer right now. Try again in a moment',
      );
    }
    dead = false;
    expect((await caller.ask('get_entity', { ref: 'only' })).ref).toBe(
      'component:default/only',
    );
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error('Waited in vain');
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

function fakeCatalog(entity: Entity): CatalogService {
  return {
    getEntityByRef: async () => entity,
    getEntitiesByRefs: async ({ entityRefs }: { entityRefs: string[] }) => ({
      items: entityRefs.map(() => entity),
    }),
    getEntities: async () => ({ items: [] }),
    async *streamEntities() {
      yield [entity];
    },
  } as unknown as CatalogService;
}
