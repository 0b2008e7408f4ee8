import { randomUUID } from 'node:crypto';
import { auditRecords } from '../__testUtils__/pages';
import {
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import {
  startToolServer,
  TestTool,
  ToolServer,
} from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

const READS = { annotations: { readOnlyHint: true } };
const TOOLS = 9_900;

const item = { type: 'object', properties: { a: { type: 'number' } } };

/** Needs 2^40 steps, if each reference is followed. */
const bushy = Object.fromEntries(
  Array.from({ length: 40 }, (_, level) => [
    `n${level}`,
    level === 39
      ? { type: 'number' }
      : {
          anyOf: [
            { $ref: `#/$defs/n${level + 1}` },
            { $ref: `#/$defs/n${level + 1}` },
          ],
        },
  ]),
);

const TRICKY: TestTool[] = [
  { name: 'echo', ...READS },
  {
    name: 'catastrophic',
    ...READS,
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string', pattern: '^(([a-z])+.)+[A-Z]$' } },
    },
  },
  {
    name: 'unique',
    ...READS,
    inputSchema: {
      type: 'object',
      properties: { list: { type: 'array', items: item, uniqueItems: true } },
    },
  },
  {
    name: 'bushy',
    ...READS,
    inputSchema: {
      type: 'object',
      properties: { x: { $ref: '#/$defs/n0' } },
      $defs: bushy,
    },
  },
  {
    name: 'endless',
    ...READS,
    inputSchema: {
      type: 'object',
      properties: { x: { $ref: '#/$defs/a' } },
      $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } },
    },
  },
  {
    name: 'async',
    ...READS,
    inputSchema: {
      $async: true,
      type: 'object',
      properties: { x: { type: 'number' } },
    },
  },
  {
    name: 'numbers',
    ...READS,
    inputSchema: {
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'string' } } },
    },
  },
  {
    name: 'big',
    ...READS,
    description: 'word '.repeat(14_000),
  },
  { name: 'constructor', ...READS },
  { name: '__proto__', ...READS },
  { name: 'list items', ...READS },
  { name: 'list-items', ...READS },
  { name: 'list_items', ...READS },
  { name: 'lіst_items', ...READS },
  { name: 'ﬁnd', ...READS },
  { name: 'e\u0301tat', ...READS },
  { name: '\u00e9tat', ...READS },
];

describe('a portal that is asked what it was not made for', () => {
  let many: ToolServer;
  let tricky: ToolServer;
  let portal: TestPortal;
  let token: string;
  let rejections: unknown[];
  const onRejection = (reason: unknown) => rejections.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    many = await startToolServer(
      Array.from({ length: TOOLS }, (_, index) => ({
        name: `tool_${index}`,
        description: `Tool number ${index}`,
        ...READS,
      })),
    );
    tricky = await startToolServer(TRICKY);
    portal = await startPortal({
      servers: { many: many.url, tricky: tricky.url },
      config: {
        portals: {
          default: { rateLimit: { requests: 100_000 } },
          small: { servers: ['tricky'], rateLimit: { requests: 100_000 } },
        },
      },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await many?.stop();
    await tricky?.stop();
    process.off('unhandledRejection', onRejection);
  });

  beforeEach(() => {
    rejections = [];
    token = portal.tokenOf({ uuid: randomUUID() });
    tricky.calls.length = 0;
  });

  const post = (
    body: string | Buffer,
    headers: Record<string, string> = {},
    name = 'small',
  ) =>
    send(portal.endpoint(name), {
      headers: { ...clientHeaders(token), ...headers },
      body,
    });
  const callRaw = (tool: string, json: string) =>
    post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":${json}}}`,
    );
  const works = async () => {
    const { message } = await callRaw('tricky_echo', '{}');
    expect(message.result.content).toEqual([
      { type: 'text', text: '["echo",{}]' },
    ]);
  };
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    const result = await work();
    return [result, performance.now() - started];
  };

  it('lists ten thousand tools, and calls one of them at once', async () => {
    const body = rpc('tools/list');
    const [first] = await timed(() => post(body, {}, 'default'));
    expect(first.message.result.tools.length).toBeGreaterThan(TOOLS);
    const [, againMs] = await timed(() => post(body, {}, 'default'));
    const call = rpc('tools/call', { name: 'many_tool_77', arguments: {} });
    await post(call, {}, 'default');
    const [answer, callMs] = await timed(() => post(call, {}, 'default'));
    expect(answer.message.result.content[0].text).toBe('["tool_77",{}]');
    expect(againMs).toBeLessThan(2_000);
    expect(callMs).toBeLessThan(250);
  });

  it('tells tools apart whose names look the same, and shows each once', async () => {
    const { message } = await post(rpc('tools/list'));
    const names: string[] = message.result.tools.map(
      ({ name }: { name: string }) => name,
    );
    expect(new Set(names).size).toBe(names.length);
    // The definition of one has more than 64 KiB, and is never approved.
    const shown = TRICKY.filter(({ name }) => name !== 'big');
    expect(names).toHaveLength(shown.length + 2);
    for (const name of names) {
      expect(name).toMatch(/^[A-Za-z]\w{0,63}$/);
    }
    const called = new Set<string>();
    for (const name of names.filter(each => each.startsWith('tricky_'))) {
      const answer = await callRaw(name, '{}');
      if (answer.message.result?.isError) {
        throw new Error(`${name} ${answer.text}`);
      }
      called.add(tricky.calls.at(-1)!.name);
    }
    expect(called.size).toBe(shown.length);
  });

  it.each([
    ['catastrophic', `{"text":"${'a'.repeat(50_000)}!"}`],
    [
      'unique',
      `{"list":[${Array.from(
        { length: 45_000 },
        (_, a) => `{"a":${a}}`,
      ).join()}]}`,
    ],
    ['bushy', '{"x":"no number"}'],
    ['endless', '{"x":1}'],
    ['async', '{"x":"no number"}'],
    ['numbers', `{"list":[${'1,'.repeat(90_000)}1]}`],
  ])(
    'is not held up by the schema of the tool %s',
    async (tool, args) => {
      const [answer, ms] = await timed(() => callRaw(`tricky_${tool}`, args));
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/call stack|node_modules/);
      await new Promise(setImmediate);
      expect(rejections).toEqual([]);
      expect(ms).toBeLessThan(5_000);
      await works();
    },
    20_000,
  );

  it('takes arguments of 3.9 MB, and says so when they are larger', async () => {
    const [answer] = await timed(() =>
      callRaw('tricky_echo', `{"file":"${'word '.repeat(780_000)}"}`),
    );
    expect(answer.message.result.isError).toBeFalsy();
    const [broken] = await timed(() =>
      callRaw('tricky_echo', `{"file":"${'x'.repeat(4_000_000)}"}`),
    );
    expect(broken.status).toBe(413);
    await works();
  });

  it.each([
    ['objects', '{"a":'.repeat(10_000), '1', '}'.repeat(10_000)],
    ['lists', '{"a":', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, '}'],
    ['objects without end', '{"a":'.repeat(200_000), '1', '}'.repeat(200_000)],
  ])('refuses %s that are nested too deeply', async (_, open, inner, close) => {
    const answer = await callRaw('tricky_echo', open + inner + close);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).toMatch(/nested|deep/);
    expect(tricky.calls).toEqual([]);
    await works();
  });

  it('is not changed by keys that mean something to JavaScript', async () => {
    const answer = await callRaw(
      'tricky_echo',
      '{"__proto__":{"polluted":true,"toJSON":1},"constructor":{"prototype":{"polluted":true}},"toString":1,"a":2}',
    );
    expect(answer.message.result.isError).toBeFalsy();
    expect(({} as any).polluted).toBeUndefined();
    expect(JSON.stringify(tricky.calls.at(-1)!.arguments)).toContain('"a":2');
    const ghp = `ghp_${'x9Kq2mV7pLwR4tYzB8nC'.repeat(2).slice(0, 36)}`;
    const hidden = await callRaw('tricky_echo', `{"__proto__":{"k":"${ghp}"}}`);
    expect(JSON.stringify(tricky.calls)).not.toContain(ghp);
    expect(hidden.text).not.toContain(ghp);
    await works();
  });

  it.each([
    ['no JSON', 'x{', {}, 400],
    ['a batch', `[${rpc('tools/list')},${rpc('tools/list')}]`, {}, 400],
    ['a text', '"tools/list"', {}, 400],
    ['nothing', '', {}, 400],
    ['null', 'null', {}, 400],
    [
      'another version of JSON-RPC',
      '{"jsonrpc":"1.0","id":1,"method":"x"}',
      {},
      400,
    ],
    [
      'an id that is a list',
      '{"jsonrpc":"2.0","id":[1],"method":"tools/list"}',
      {},
      400,
    ],
    [
      'a form',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
    ],
    [
      'what a web page can send without asking',
      rpc('tools/list'),
      { 'content-type': 'text/plain; application/json' },
      415,
    ],
    [
      'a wrong encoding',
      rpc('tools/list'),
      { 'content-encoding': 'gzip' },
      400,
    ],
    [
      'an unknown version of the protocol',
      rpc('tools/list'),
      { 'mcp-protocol-version': '1999-01-01' },
      400,
    ],
    [
      'an unknown session',
      rpc('tools/list'),
      { 'mcp-session-id': 'x'.repeat(5_000) },
      404,
    ],
    [
      'headers of 20 kB',
      rpc('tools/list'),
      { 'x-large': 'x'.repeat(20_000) },
      431,
    ],
  ] as Array<[string, string, Record<string, string>, number]>)(
    'refuses %s, clearly',
    async (_, body, headers, status) => {
      const answer = await post(body, headers);
      expect([answer.status, answer.text.slice(0, 300)]).toEqual([
        status,
        expect.not.stringMatching(/node_modules|at Object/),
      ]);
      await works();
    },
  );

  it.each([
    ['another method', { 'mcp-method': 'tools/list' }],
    ['another tool', { 'mcp-name': 'tricky_big' }],
    ['no method', { 'mcp-method': '' }],
  ])(
    'refuses a message whose headers name %s',
    async (_, headers: Record<string, string>) => {
      const sent = modernRpc('tools/call', {
        name: 'tricky_echo',
        arguments: {},
      });
      const answer = await post(sent.body, { ...sent.headers, ...headers });
      expect(answer.status).toBe(400);
      expect(tricky.calls).toEqual([]);
      expect((await post(sent.body, sent.headers)).status).toBe(200);
    },
  );

  it('records what was refused', async () => {
    await callRaw('tricky_nothing', '{}');
    const [record] = await auditRecords(portal, 'target=tricky_nothing');
    expect(record).toMatchObject({ outcome: 'denied', stage: 'view' });
  });
});
