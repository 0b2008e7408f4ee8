import { Catalog } from './Catalog';
import { nearestNames } from './nearestNames';
import { ToolCatalogs } from './ToolCatalogs';
import { ToolIndex } from './ToolIndex';
import { toolSignature } from './toolSignature';
import { unwrapToolResult } from './unwrapToolResult';
import { words } from './words';

const tools = [
  {
    name: 'github_create_issue',
    server: 'github',
    description: 'Create a new issue in a repository',
  },
  {
    name: 'github_listPullRequests',
    server: 'github',
    description: 'List pull requests of a repository',
  },
  {
    name: 'slack_post_message',
    server: 'slack',
    description: 'Post a message to a channel',
  },
  {
    name: 'fs_read_file',
    server: 'fs',
    description: 'Read the contents of a file',
  },
  { name: 'k8s_pods_log', server: 'k8s', description: 'Get the logs of a pod' },
];

describe('search', () => {
  const index = new ToolIndex(tools);
  const names = (query: string, limit = 5, server?: string) =>
    index.search(query, limit, server).map(({ name }) => name);

  it.each([
    ['open a bug report issue', 'github_create_issue'],
    ['pull request', 'github_listPullRequests'],
    ['send messages to channels', 'slack_post_message'],
    ['file content', 'fs_read_file'],
    ['repo pulls', 'github_listPullRequests'],
    ['pod logs', 'k8s_pods_log'],
    ['what did the k8s pod log', 'k8s_pods_log'],
    ['file a ticket', 'github_create_issue'],
    ['which PRs are there', 'github_listPullRequests'],
    ['tell the chanel', 'slack_post_message'],
    ['showing files', 'fs_read_file'],
  ])('finds for %j first %s', (query, name) => {
    expect(names(query)[0]).toBe(name);
  });

  it('finds nothing for words that are nowhere, and keeps to a server', () => {
    expect(names('weather')).toEqual([]);
    expect(names('__proto__ constructor')).toEqual([]);
    expect(names('repository file', 5, 'fs')).toEqual(['fs_read_file']);
    expect(names('repository', 1)).toHaveLength(1);
  });

  it('takes names apart or together, as a server writes them', () => {
    const parts = new ToolIndex([
      { name: 'a', server: 's', description: 'List datasources' },
      { name: 'b', server: 's', description: 'Send data' },
    ]);
    expect(parts.search('data sources', 1)).toMatchObject([{ name: 'a' }]);
  });

  it('puts what has most of the words first', () => {
    const many = new ToolIndex([
      { name: 'pod', server: 's', description: 'Pod, pod, pod' },
      { name: 'delete', server: 's', description: 'Deletes one pod' },
    ]);
    expect(many.search('delete a pod', 1)).toMatchObject([{ name: 'delete' }]);
  });

  it('ends for queries and definitions that are made to take long', () => {
    const slow = new ToolIndex(
      Array.from({ length: 3000 }, (_, at) => ({
        name: `t${at}`,
        server: 's',
        description: `${'x'.repeat(1900)}ing ${'y'.repeat(15)}${at}`,
      })),
    );
    const count = (query: string) => slow.search(query, 5).length;
    expect(count('x'.repeat(1900))).toBe(5);
    const slips = Array.from(
      { length: 99 },
      (_, at) => `${'y'.repeat(14)}z${at}`,
    );
    expect(count(slips.join(' '))).toBeLessThanOrEqual(5);
    expect(count('')).toBe(0);
  });

  it('splits identifiers into words, and takes their endings away', () => {
    expect(words('listHTTPRequests_v2 kebab-case queries')).toEqual([
      'list',
      'http',
      'request',
      'v2',
      'kebab',
      'cas',
      'queri',
    ]);
  });
});

describe('signatures', () => {
  const type = (inputSchema: object) =>
    toolSignature({ name: 't', server: 's', inputSchema });

  it('say what a tool takes, in one line', () => {
    expect(
      type({
        type: 'object',
        properties: {
          id: { type: 'integer' },
          state: { enum: ['open', 'closed'] },
          tags: { type: 'array', items: { type: 'string' } },
          'a-b': { type: ['string', 'null'] },
          any: {},
          nested: { $ref: '#/$defs/point' },
        },
        required: ['id'],
        $defs: {
          point: { type: 'object', properties: { x: { type: 'number' } } },
        },
      }),
    ).toBe(
      'codemode.t(args: { id: number; state?: "open" | "closed"; tags?: Array<string>; "a-b"?: string | null; any?: unknown; nested?: { x?: number } }): Promise<unknown>',
    );
    expect(toolSignature({ name: 't', server: 's' })).toBe(
      'codemode.t(): Promise<unknown>',
    );
  });

  it('end for schemas that refer to themselves, are deep, wide, or no schemas', () => {
    const bomb: Record<string, object> = {};
    for (let level = 0; level < 40; level += 1) {
      const next = { $ref: `#/$defs/l${level + 1}` };
      bomb[`l${level}`] = { anyOf: [next, { type: 'array', items: next }] };
    }
    const wide = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, key) => [
        `k${key}`,
        { type: 'string' },
      ]),
    );
    const schemas: object[] = [
      { $ref: '#' },
      { $ref: '#/$defs/l0', $defs: bomb },
      { type: 'object', properties: wide },
      { type: 'object', properties: { a: { $ref: 'https://example.com/x' } } },
      { type: 'object', properties: [1, null] },
      { enum: Array.from({ length: 1e5 }, (_, value) => `v${value}`) },
      { type: 'object', properties: { a: { const: { __proto__: null } } } },
      { $ref: '#/__proto__/constructor' },
    ];
    const startedAt = performance.now();
    for (const schema of schemas) {
      expect(type(schema).length).toBeLessThan(12_000);
    }
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('names', () => {
  it('that are near are suggested', () => {
    const all = tools.map(({ name }) => name);
    expect(nearestNames('githubCreateIssue', all)).toEqual([
      'github_create_issue',
    ]);
    expect(nearestNames('github_create_isue', all)).toEqual([
      'github_create_issue',
    ]);
    expect(nearestNames('read_file', all)).toEqual(['fs_read_file']);
    expect(nearestNames('weather_today', all)).toEqual([]);
    expect(nearestNames('x'.repeat(1e6), all)).toEqual([]);
  });

  it('of types may be anything', () => {
    const catalog = new Catalog(JSON.stringify(tools), 'codemode');
    expect(catalog.lookUp('types', '"no array"')).toBe('""');
    expect(catalog.lookUp('types', '[null,{"a":1},"fs_read_file"]')).toContain(
      'codemode.fs_read_file(): Promise<unknown>',
    );
  });
});

describe('results of tools', () => {
  const texts = (...all: string[]) => all.map(text => ({ type: 'text', text }));

  it('are unwrapped to what the tool meant', () => {
    expect(
      unwrapToolResult({ structuredContent: { a: 1 }, content: texts('x') }),
    ).toEqual({ a: 1 });
    expect(unwrapToolResult({ content: texts('{"a":1}') })).toEqual({ a: 1 });
    expect(unwrapToolResult({ content: texts('one', 'two') })).toBe('one\ntwo');
    const image = {
      content: [{ type: 'image', data: '', mimeType: 'image/png' }],
    };
    expect(unwrapToolResult(image)).toBe(image);
    expect(() =>
      unwrapToolResult({ isError: true, content: texts('no') }),
    ).toThrow('no');
    expect(() => unwrapToolResult({ isError: true })).toThrow(
      'without saying why',
    );
  });
});

describe('catalogs of tools', () => {
  it('are one for all that see the same', () => {
    const catalogs = new ToolCatalogs();
    const of = (names: string[], namespace?: string) =>
      catalogs.of({
        tools: names.map(name => ({ name, server: 'a' })),
        namespace,
      });
    const one = of(['a_b', 'a_c']);
    expect(of(['a_b', 'a_c'])).toBe(one);
    expect(of(['a_b'])).not.toBe(one);
    expect(of(['a_b', 'a_c'], 'api')).not.toBe(one);
  });
});
