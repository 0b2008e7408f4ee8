import { InputError, NotFoundError } from '@backstage/errors';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from './parseDefinition';
import type { ApiDefinition } from './types';

const TYPES = ['openapi', 'asyncapi', 'graphql', 'grpc'];

function openapi(document: object | string) {
  const text =
    typeof document === 'string' ? document : JSON.stringify(document);
  return parseDefinition({ type: 'openapi', text });
}

function fixture(name: string) {
  return readFileSync(join(__dirname, '__fixtures__', name), 'utf8');
}

/** Asks everything there is to ask; fails on an answer out of bounds, and on any error but the two that are promised. */
function askEverything(api: ApiDefinition, pointers: string[]) {
  const ids = api.operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of [...ids.slice(0, 50), ...pointers]) {
    try {
      const answer = api.describeOperation(id);
      expect(JSON.stringify(answer.detail).length).toBeLessThanOrEqual(20_000);
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(24_000);
    } catch (error) {
      expect(ids).not.toContain(id);
      expectPromisedError(error);
    }
  }
}

function expectPromisedError(error: unknown): undefined {
  const isPromised =
    error instanceof InputError || error instanceof NotFoundError;
  if (!isPromised) {
    throw error;
  }
  expect(error.message.length).toBeLessThan(6_000);
  return undefined;
}

describe('parseDefinition', () => {
  it('refuses types it cannot read, and says which it can', async () => {
    await expect(
      parseDefinition({ type: 'trpc', text: 'export type Router = {}' }),
    ).rejects.toThrow(
      'Operations of an API of type "trpc" cannot be read; the types that can are openapi, asyncapi, graphql, grpc',
    );
    await expect(
      parseDefinition({ type: 'constructor', text: '' }),
    ).rejects.toThrow(InputError);
    await expect(
      parseDefinition({ type: ' OpenAPI ', text: '{"openapi":"3.0.0"}' }),
    ).resolves.toMatchObject({ format: 'openapi', operations: [] });
  });

  it.each([
    [
      'openapi: 3.0.0\npaths:\n  /a: [',
      /not valid YAML: .*\(line 4, column 1\)/,
    ],
    [
      '{"openapi": "3.0.0",\n "paths": ]}',
      /not valid JSON \(Unexpected token.*\) and not valid YAML: .*\(line 2, column 11\)/,
    ],
    ['just text', /its top level is a string/],
    ['', /its top level is empty/],
    ['[1]', /its top level is a list/],
    ['{"asyncapi": "2.0.0"}', /neither a field "openapi" nor "swagger"/],
    ['openapi: 3.0.0\npaths: *nowhere', /not valid YAML: unidentified alias/],
  ])('says what is wrong with %j', async (text, message) => {
    const reading = openapi(text);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  it('quotes little of a document that is not valid', async () => {
    const long = 'x'.repeat(1_000_000);
    for (const [type, text] of [
      ['openapi', `{"a": ${long}\n]`],
      ['openapi', `a: *${long}`],
      ['graphql', `type Query { a: Int } ${long}`],
      ['grpc', `syntax = "proto3"; ${long} {`],
      [long, ''],
    ]) {
      const error = await parseDefinition({ type, text }).catch(e => e);
      expect(error).toBeInstanceOf(InputError);
      expect(error.message.length).toBeLessThan(1_000);
    }
  });

  it('refuses more than 10 MB', async () => {
    await expect(openapi(' '.repeat(10 * 1024 * 1024 + 1))).rejects.toThrow(
      'too large to read: 10485761 bytes, the limit is 10485760',
    );
  });

  it('takes JSON with a byte order mark, dates and merge keys of YAML, and repeated keys', async () => {
    await expect(openapi('\uFEFF{"openapi":"3.0.0"}')).resolves.toBeDefined();
    const api = await openapi(`
openapi: 3.0
info: { title: a, title: b, version: 2024-01-31 }
x-defaults: &defaults { tags: [shared] }
paths:
  /a:
    get: { <<: *defaults, summary: 1 }
`);
    expect(api).toMatchObject({
      title: 'b',
      version: '2024-01-31',
      operations: [{ id: 'GET /a', tags: ['shared'], summary: '1' }],
    });
  });

  it.each([
    { paths: null },
    { paths: [] },
    { paths: { '/a': null, '/b': 'text', '/c': { get: null, post: [] } } },
    { paths: { '/a': { $ref: '#/paths/~1a' } } },
    { info: 'text', servers: [null, { url: 7 }, 'x'], tags: {} },
  ])('reads what it can of %j', async parts => {
    const api = await openapi({ openapi: '3.0.0', ...parts });
    expect(api.operations).toEqual([]);
  });

  it('describes operations whose parts are not what they should be', async () => {
    const toString = { toString: 1 };
    const api = await openapi({
      swagger: '2.0',
      host: 'h',
      schemes: [toString],
      paths: {
        '/a': {
          parameters: { not: 'a list' },
          get: {
            operationId: toString,
            tags: 'none',
            parameters: [null, 'x', { in: toString, name: 'a' }, { $ref: '#' }],
            responses: { 200: null, 300: [] },
            security: [null, 'x', { constructor: [] }],
          },
          post: {
            parameters: [{ in: 'formData', name: toString }, { in: 'body' }],
            consumes: [toString],
            responses: 'none',
          },
        },
      },
    });
    expect(api.operations).toHaveLength(2);
    askEverything(api, ['#', '#/', '#/paths/~1a/get/responses/200', '']);
  });

  it('is not polluted by keys that mean something to JavaScript', async () => {
    const text = `{"openapi":"3.0.0","paths":{"__proto__":{"get":{"summary":"p"}},
      "/a":{"get":{"operationId":"__proto__","requestBody":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}}}}`;
    for (const definition of [text, `# YAML\n${text}`]) {
      const api = await openapi(definition);
      const { detail } = api.describeOperation('GET /a');
      expect(detail).toMatchObject({
        requestBody: { constructor: { prototype: { polluted: 1 } } },
      });
      expect(Object.getPrototypeOf((detail as any).requestBody)).toBe(
        Object.prototype,
      );
      expect(({} as any).polluted).toBeUndefined();
    }
    for (const proto of [
      'message __proto__ { string polluted = 1; }',
      'message A { option (__proto__).polluted = 1; option constructor.prototype.polluted = 1; }',
      'message A { string __proto__ = 1; enum __proto__ { polluted = 0; } }',
    ]) {
      await parseDefinition({ type: 'grpc', text: proto }).catch(
        expectPromisedError,
      );
    }
    expect(({} as any).polluted).toBeUndefined();
  });

  it('shows an alias bomb, a circle of aliases and endless nesting in bounds', async () => {
    const bomb = ['l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
    for (let n = 1; n < 30; n++) {
      const aliases = Array(9)
        .fill(`*l${n - 1}`)
        .join(', ');
      bomb.push(`l${n}: &l${n} [${aliases}]`);
    }
    const laughs = await openapi(
      `openapi: 3.0.0\nx-bomb:\n  ${bomb.join(
        '\n  ',
      )}\npaths: { /a: { get: { requestBody: *l29 } } }`,
    );
    askEverything(laughs, ['#/x-bomb', '#']);
    const circle = await openapi(
      'openapi: 3.0.0\npaths: { /a: { get: { requestBody: &self { again: *self } } } }',
    );
    expect(circle.describeOperation('GET /a').detail).toMatchObject({
      requestBody: {
        again: { $ref: '#/paths/~1a/get/requestBody/again', cycle: true },
      },
    });
    const nested = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    const deep = await openapi(
      `{"openapi":"3.0.0","paths":{"/a":{"get":{"requestBody":${nested},"example":${nested}}}}}`,
    );
    askEverything(deep, ['#/paths']);
    const chain = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [
        `S${n}`,
        { $ref: `#/x/S${n + 1}` },
      ]),
    );
    const chained = await openapi({
      openapi: '3.0.0',
      x: chain,
      paths: { '/a': { get: { requestBody: { $ref: '#/x/S0' } } } },
    });
    askEverything(chained, ['#/x/S0', '#/x']);
    for (const [type, text] of [
      ['graphql', `type Query { a: ${nested} }`],
      ['graphql', `type Query { a(b: Int = ${nested}): Int }`],
      ['grpc', 'message A {'.repeat(100_000)],
      ['grpc', `package ${'a.'.repeat(20_000)}a; message M {}`],
      ['openapi', `- `.repeat(100_000)],
      ['openapi', `a: ${'{a: '.repeat(100_000)}`],
    ]) {
      await parseDefinition({ type, text }).catch(expectPromisedError);
    }
  });

  it('refuses more operations than can be listed, however small the document', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `  /${n}: *all`);
    const methods =
      '{ get: {}, put: {}, post: {}, delete: {}, head: {}, patch: {}, trace: {} }';
    await expect(
      openapi(
        `openapi: 3.0.0\nx-all: &all ${methods}\npaths:\n${lines.join('\n')}`,
      ),
    ).rejects.toThrow('more than 200000 operations');
  });

  it('answers within bounds, or with an InputError, whatever the definition is', async () => {
    const word = fc.constantFrom(
      ...'$ref #/paths #/paths/~1a #/components/schemas/A #/x / a get post name in body path formData query'.split(
        ' ',
      ),
      ...'parameters responses requestBody content schema properties items allOf example examples schemas A'.split(
        ' ',
      ),
      ...'paths channels operations messages message payload publish subscribe action channel servers url'.split(
        ' ',
      ),
      ...'info title description tags security components operationId __proto__ constructor toString'.split(
        ' ',
      ),
    );
    const key = fc.oneof(
      { weight: 6, arbitrary: word },
      { weight: 1, arbitrary: fc.string() },
    );
    const { value } = fc.letrec<{ value: unknown }>(tie => ({
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.oneof(word, fc.jsonValue({ maxDepth: 1 })),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 6 }),
        fc.record({ $ref: word }),
      ),
    }));
    const section = fc.dictionary(
      fc.constantFrom('/a', 'a', '/a/{b}', 'A'),
      fc.dictionary(
        fc.constantFrom(
          'get',
          'post',
          'publish',
          'parameters',
          'action',
          '$ref',
        ),
        value,
      ),
    );
    const document = fc.oneof(
      fc.record(
        {
          openapi: fc.constantFrom('3.0.0', '3.1.0'),
          asyncapi: fc.constantFrom('2.6.0', '3.0.0'),
          swagger: fc.constant('2.0'),
          paths: fc.oneof(section, value),
          channels: fc.oneof(section, value),
          operations: fc.oneof(section, value),
          components: fc.record({ schemas: fc.dictionary(key, value) }),
          servers: value,
          info: value,
          security: value,
        },
        { requiredKeys: ['asyncapi'] },
      ),
      fc.jsonValue(),
    );
    const json = document.map(content => JSON.stringify(content));
    // Texts that are nearly right: a fixture with a line, or part of one, replaced by another.
    const mangled = (whole: string) => {
      const lines = whole.split('\n');
      const line = fc.nat(lines.length - 1);
      return fc
        .tuple(line, line, fc.nat(3), fc.boolean())
        .map(([to, from, count, partly]) => {
          const copy = [...lines];
          const piece = partly ? lines[from].slice(0, 9) : lines[from];
          copy.splice(to, count, piece);
          return copy.join('\n');
        });
    };
    const definition = fc.oneof(
      fc.tuple(fc.constant('openapi'), json),
      fc.tuple(fc.constant('asyncapi'), json),
      fc.tuple(
        fc.constant('openapi'),
        mangled(fixture('refunds.openapi.yaml')),
      ),
      fc.tuple(fc.constant('graphql'), mangled(fixture('shop.graphql'))),
      fc.tuple(fc.constant('grpc'), mangled(fixture('refunds.proto'))),
      fc.tuple(fc.constantFrom(...TYPES), fc.oneof(fc.string(), json)),
    );
    const readOf: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(
        definition,
        fc.array(fc.oneof(word, fc.string())),
        async ([type, text], asked) => {
          const api = await parseDefinition({ type, text }).catch(
            expectPromisedError,
          );
          if (api) {
            readOf[type] = (readOf[type] ?? 0) + 1;
            askEverything(api, asked);
          }
        },
      ),
      { numRuns: 1_500 },
    );
    // The property would be hollow if nearly all definitions were refused.
    for (const type of TYPES) {
      expect(readOf[type]).toBeGreaterThan(20);
    }
  }, 30_000);

  it('gives up on a definition that takes too long to read', async () => {
    // Quadratic in protobufjs; two minutes without the limit.
    const options = Array.from({ length: 100_000 }, (_, n) => `(a${n}).b = 1`);
    const text = `syntax = "proto3"; message M { string a = 1 [${options}]; }`;
    const reading = parseDefinition({ type: 'grpc', text });
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow('takes longer than 5000 ms to read');
  }, 30_000);

  it('reads 5 MB and 100,000 operations without hanging', async () => {
    const paths: Record<string, object> = {};
    for (let n = 0; n < 100_000; n++) {
      paths[`/r${n}/{id}`] = {
        get: { operationId: `get${n}`, summary: 'One' },
      };
    }
    const json = JSON.stringify({ openapi: '3.0.0', paths });
    expect(json.length).toBeGreaterThan(5_000_000);
    const started = performance.now();
    const api = await openapi(json);
    expect(api.operations).toHaveLength(100_000);
    expect(api.describeOperation('GET /r99999/7').id).toBe('get99999');
    expect(() => api.describeOperation('nothing like it')).toThrow(
      NotFoundError,
    );
    expect(api.describeOperation('#/paths').truncated).toBeDefined();
    // Takes about a second; the limit only tells linear from quadratic, on a busy machine too.
    expect(performance.now() - started).toBeLessThan(15_000);
  }, 30_000);
});
