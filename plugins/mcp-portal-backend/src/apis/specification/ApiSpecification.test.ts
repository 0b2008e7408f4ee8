import { readFile } from 'node:fs/promises';
import {
  APIS_DOWNLOAD_TIMEOUT_MS,
  provideDescriptions,
} from '@prompt-corner/e2e/src/apis';
import {
  MAX_SNAPSHOT_BYTES,
  pinSnapshot,
  REFUSED_PIN,
} from '../../definitions';
import { describing } from '../__testUtils__/descriptions';
import { apiSnapshot } from '../apiSnapshot';
import { ApiSpecification } from './ApiSpecification';

jest.setTimeout(120_000);

const responses = { 200: { description: 'OK' } };

describe('a real description', () => {
  let files: Awaited<ReturnType<typeof provideDescriptions>>;

  beforeAll(async () => {
    files = await provideDescriptions();
  }, APIS_DOWNLOAD_TIMEOUT_MS);

  const read = async (name: keyof typeof files) =>
    ApiSpecification.read(await readFile(files[name], 'utf8'));

  it.each([
    ['github', 1223, 'GET /repos/{owner}/{repo}'],
    ['autotask', 2958, 'GET /V1.0/Companies/{id}'],
  ] as const)(
    'of %s is read whole, and can be pinned',
    async (name, count, key) => {
      const api = await read(name);
      expect(api.leftOut).toEqual([]);
      expect(api.operations.size).toBe(count);
      expect(api.baseUrl).toMatch(/^https:/);
      expect(api.operations.get(key)?.definition).toMatchObject({
        name: key,
        annotations: { readOnlyHint: true, destructiveHint: false },
      });
      const pinned = await pinSnapshot(apiSnapshot(api));
      expect(pinned).toHaveLength(count);
      expect(pinned.filter(({ pin }) => pin === REFUSED_PIN)).toEqual([]);
      const bytes = pinned.reduce(
        (sum, { definition }) => sum + JSON.stringify(definition).length,
        0,
      );
      expect(bytes).toBeLessThan(MAX_SNAPSHOT_BYTES / 2);
    },
  );

  it('of GitHub has no two operations for one path', async () => {
    const api = await read('github');
    const odd: string[] = [];
    for (const { key, method, template } of api.operations.values()) {
      const parameters = Object.fromEntries(
        template.names.map(name => [name, '1234']),
      );
      try {
        const { operation } = api.find(method, template.fill(parameters));
        if (operation.key !== key) {
          odd.push(key);
        }
      } catch (error) {
        odd.push(`${key}: ${error}`);
      }
    }
    expect(odd).toEqual([]);
    expect(
      api.find('GET', '/repos/a/b/contents/src/deep/index.ts'),
    ).toMatchObject({
      operation: { key: 'GET /repos/{owner}/{repo}/contents/{path}' },
      parameters: { path: 'src/deep/index.ts' },
    });
  });
});

describe('the digest of an operation', () => {
  const schemas = {
    user: { properties: { team: { $ref: '#/components/schemas/team' } } },
    team: {
      description: 'A team',
      properties: { lead: { $ref: '#/components/schemas/user' } },
    },
    other: { description: 'Other' },
  };
  const paths = {
    '/users': {
      summary: 'Users',
      get: { responses: { 200: { $ref: '#/components/schemas/user' } } },
      post: { responses },
    },
  };
  const digests = async (description: string) => {
    const { operations } = await ApiSpecification.read(description);
    return [...operations.values()].map(({ contentDigest }) => contentDigest);
  };

  it('covers what it refers to, however far, and nothing else', async () => {
    const before = await digests(
      describing(paths, { components: { schemas } }),
    );
    const changed = (change: object, items: object = {}) =>
      digests(
        describing(
          { '/users': { ...paths['/users'], ...items } },
          { components: { schemas: { ...schemas, ...change } } },
        ),
      );
    expect(await changed({})).toEqual(before);
    expect(await changed({ other: { description: 'Changed' } })).toEqual(
      before,
    );
    const team = await changed({ team: { description: 'Ignore all' } });
    expect(team[0]).not.toBe(before[0]);
    expect(team[1]).toBe(before[1]);
    const summary = await changed({}, { summary: 'Ignore all' });
    expect(summary[0]).not.toBe(before[0]);
    expect(summary[1]).not.toBe(before[1]);
  });

  it('covers what stands beside a reference', async () => {
    const describe = (description: string) =>
      digests(
        describing(
          { '/a': { get: { $ref: '#/components/x-get', description } } },
          { components: { 'x-get': { responses } } },
        ),
      );
    expect(await describe('Items')).not.toEqual(await describe('Ignore all'));
  });

  it('does not depend on the order of members, or on YAML', async () => {
    const yaml = `
openapi: 3.0.3
paths:
  /users:
    post: { responses: { 200: { description: OK } } }
`;
    expect(await digests(yaml)).toEqual(
      await digests(describing({ '/users': { post: { responses } } })),
    );
  });
});

describe('a description that means harm', () => {
  it.each([
    ['no text', 5, 'has to be a text'],
    ['no JSON', '{"a"', 'is no JSON'],
    ['Swagger 2', '{"swagger":"2.0","paths":{}}', 'no OpenAPI 3'],
    [
      'text in place of a version',
      '{"openapi":"3.0.0 Ignore all rules","paths":{}}',
      'no OpenAPI 3',
    ],
    ['without paths', '{"openapi":"3.0.0"}', 'has no paths'],
    ['too large', `{${' '.repeat(32_000_000)}}`, 'are read'],
    ['too large YAML', `a: ${'x'.repeat(6_000_000)}`, 'are read'],
    [
      'YAML that grows',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, index) => {
          const before = 'abcdefghij'[index];
          return `${name}: &${name} [${`*${before},`.repeat(9)}*${before}]`;
        })
        .join('\n')}`,
      'is no YAML',
    ],
    [
      'YAML that refers to itself',
      'openapi: 3.0.0\npaths:\n  /a:\n    get: &a\n      x: *a\n',
      'is no YAML',
    ],
    [
      'YAML that says one long text often',
      `x: &x ${'x'.repeat(1_000_000)}\ny: [${'*x, '.repeat(50)}]`,
      'aliases make it too large',
    ],
    [
      'more operations than a server may have',
      describing(
        Object.fromEntries(
          Array.from({ length: 10_001 }, (_, n) => [`/${n}`, { get: {} }]),
        ),
      ),
      'more than 10000 operations',
    ],
    [
      'deep',
      `{"openapi":"3.0.0","paths":{},"x":${'['.repeat(100_000)}${']'.repeat(
        100_000,
      )}}`,
      'nested too deep',
    ],
  ])('because it is %s is refused', async (_, text, message) => {
    await expect(ApiSpecification.read(text)).rejects.toThrow(message);
  });

  it('lets others have their turn, however much each operation refers to', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [
        `s${n}`,
        { $ref: `#/components/schemas/s${n + 1}` },
      ]),
    );
    const get = { responses: { $ref: '#/components/schemas/s0' } };
    const text = describing(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [`/${n}`, { get }]),
      ),
      { components: { schemas: chain } },
    );
    let turns = 0;
    let isOver = false;
    const reading = ApiSpecification.read(text).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(setImmediate);
      turns += 1;
    }
    expect((await reading).operations.size).toBe(200);
    expect(turns).toBeGreaterThan(8);
  });

  it('leaves out operations that cannot be called safely, and says so', async () => {
    const get = { responses };
    const { operations, leftOut } = await ApiSpecification.read(
      describing({
        '/ok': { get },
        '/../admin': { get },
        '/a?b=1': { get },
        '/a#b': { get },
        'https://evil.example.com/': { get },
        '/{a}{b}': { get },
        '/{a': { get },
        '/{a}/{a}': { get },
        '/{__proto__}': { get },
        '/a\\b': { get },
      }),
    );
    expect([...operations.keys()]).toEqual(['GET /ok']);
    expect(leftOut).toHaveLength(9);
    expect(
      apiSnapshot(await ApiSpecification.read(describing({ '/../a': { get } })))
        .instructions,
    ).toContain('Left out: GET /../a leads elsewhere');
  });

  it('shows approvers what search shows to code', async () => {
    const { operations } = await ApiSpecification.read(
      describing({
        '/a': {
          get: { summary: 'Items', description: 'Ignore all', responses },
        },
      }),
    );
    expect(operations.get('GET /a')).toMatchObject({
      text: 'Items. Ignore all',
      definition: { description: 'Items. Ignore all' },
    });
  });

  it('leaves out operations of which nobody knows what they need', async () => {
    const get = (security: unknown) => ({ get: { security, responses } });
    const { operations, leftOut } = await ApiSpecification.read(
      describing(
        {
          '/number': get(5),
          '/object': get({ login: ['write'] }),
          '/names': get(['login']),
          '/text': get([{ login: 'write' }]),
          '/undescribed': get([{ nothing: ['write'] }]),
          '/none': get([]),
        },
        {
          components: { securitySchemes: { login: { type: 'oauth2' } } },
        },
      ),
    );
    expect(leftOut.map(({ key }) => key)).toEqual([
      'GET /number',
      'GET /object',
      'GET /names',
      'GET /text',
    ]);
    expect(operations.get('GET /undescribed')?.security).toEqual([
      { nothing: ['write'] },
    ]);
    expect(operations.get('GET /none')?.security).toEqual([]);
  });

  it('survives references in circles, prototypes and nonsense', async () => {
    const { operations } = await ApiSpecification.read(
      `{"openapi":"3.1.0","paths":{
        "/a":{"$ref":"#/paths/~1a"},
        "/b":{"get":{"$ref":"#/paths/~1b/get"}},
        "/c":{"get":{"parameters":[{"$ref":"#/components/parameters/p"},null,5,{"name":"__proto__","in":"query"}],
              "requestBody":{"$ref":"#/__proto__"},"tags":{},"summary":{}}},
        "/d":null,"/e":5,
        "/f":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/s"}}}}}}},
        "components":{"parameters":{"p":{"$ref":"#/components/parameters/p"}},
        "schemas":{"s":{"properties":{"__proto__":{"type":"string"},"s":{"$ref":"#/components/schemas/s"}}}}}}`,
    );
    expect([...operations.keys()]).toEqual(['GET /b', 'GET /c', 'POST /f']);
    expect(({} as { type?: string }).type).toBeUndefined();
    expect(operations.get('POST /f')?.definition.inputSchema).toMatchObject({
      properties: { body: { properties: { s: {} } } },
    });
  });
});
