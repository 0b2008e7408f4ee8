import { randomUUID } from 'node:crypto';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';
import { EXECUTE, SEARCH } from '../codeMode';

jest.setTimeout(60_000);

const ASKED = '?codemode=search_and_execute';

/** No real one: built so that scanners of source code do not find it either. */
const TOKEN = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('_');

const POLICIES = `
@id("read")
permit (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"read" };

@id("write")
permit (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"write" && context.arguments.flags.hasTag("sure") };
`;

const issues = [
  { id: 1, title: 'Login fails', open: true },
  { id: 2, title: 'Typo', open: false },
  { id: 3, title: 'Slow page', open: true },
];

const readOnly = { annotations: { readOnlyHint: true } };

describe('Code Mode', () => {
  let tracker: ToolServer;
  let releases: ToolServer;
  let portal: TestPortal;
  const ada = randomUUID();

  beforeAll(async () => {
    tracker = await startToolServer([
      {
        name: 'list_issues',
        description: 'Lists the issues of the tracker',
        ...readOnly,
        run: () => ({
          content: [{ type: 'text', text: 'see structured content' }],
          structuredContent: { issues },
        }),
      },
      {
        name: 'get_issue',
        description: 'Gets one issue',
        inputSchema: {
          type: 'object',
          properties: { id: { type: 'integer' } },
          required: ['id'],
        },
        ...readOnly,
        run: ({ id }) => JSON.stringify(issues.find(issue => issue.id === id)),
      },
      {
        name: 'close_issue',
        annotations: { readOnlyHint: false, destructiveHint: false },
      },
      { name: 'drop_all', annotations: { destructiveHint: true } },
      {
        name: 'leak',
        ...readOnly,
        run: ({ half }) =>
          half === undefined
            ? `the token is ${TOKEN}`
            : TOKEN.slice(half ? 20 : 0, half ? undefined : 20),
      },
      {
        name: 'fail',
        ...readOnly,
        run: () => ({
          isError: true,
          content: [{ type: 'text', text: 'no such project' }],
        }),
      },
    ]);
    releases = await startToolServer([
      {
        name: 'next',
        description: 'Says when the next release is',
        ...readOnly,
        run: () => JSON.stringify({ version: '1.4', day: '2026-12-01' }),
      },
    ]);
    portal = await startPortal({
      servers: { tracker: tracker.url, releases: releases.url },
      config: {
        policy: { default: false, policies: POLICIES },
        portals: {
          default: {},
          off: { codeMode: 'off' },
          on: { codeMode: 'default_on' },
          enforced: { codeMode: 'enforced' },
          public: { allow: 'public' },
          tracker: { servers: ['tracker'], naming: 'original' },
          slow: { rateLimit: { requests: 5 } },
          short: { aliases: { 'tracker.list_issues': 'search' } },
        },
      },
    });
    addUser(portal, 'ada', ada);
    addUser(portal, 'bob', randomUUID());
  });

  beforeEach(() => {
    tracker.calls.length = 0;
  });

  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
    await releases?.stop();
  });

  const namesIn = async (path: string) => {
    const client = await portal.connect({ uuid: ada }, { portal: path });
    const { tools } = await client.listTools();
    await client.close();
    return tools.map(({ name }) => name);
  };

  /** Calls one of the two tools. */
  const run = async (
    code: unknown,
    {
      path = `default${ASKED}`,
      name = EXECUTE.name,
      era = 'auto' as 'auto' | 'legacy',
      agent = {},
    } = {},
  ) => {
    const client = await portal.connect(
      { uuid: ada, ...agent },
      { portal: path, era },
    );
    try {
      const { content, isError, _meta } = await client.callTool({
        name,
        arguments: { code },
      });
      return {
        texts: (content as Array<{ text: string }>).map(({ text }) => text),
        isError: isError === true,
        id: _meta?.['prompt-corner.dev/execution'] as string,
      };
    } finally {
      await client.close();
    }
  };
  const valueOf = async (code: string, options = {}) => {
    const { texts, isError } = await run(code, options);
    expect(texts).toHaveLength(1);
    expect(isError).toBe(false);
    return JSON.parse(texts[0]);
  };

  it('is there when the portal has it, and the client wants it', async () => {
    const both = [SEARCH.name, EXECUTE.name];
    expect(await namesIn('default')).toContain('tracker_list_issues');
    expect(await namesIn(`default${ASKED}`)).toEqual(both);
    expect(await namesIn(`default${ASKED}&portal_tools=on`)).toEqual([
      ...both,
      'portal_list_servers',
      'portal_switch_server',
    ]);
    expect(await namesIn(`off${ASKED}`)).toContain('tracker_list_issues');
    expect(await namesIn(`public${ASKED}`)).not.toContain(EXECUTE.name);
    expect(await namesIn('on')).toEqual(both);
    expect(await namesIn('on?codemode=off')).toContain('tracker_list_issues');
    expect(await namesIn('enforced?codemode=off')).toEqual(both);
    await expect(namesIn('default?codemode=yes')).rejects.toThrow(
      'search_and_execute or off',
    );
  });

  it('keeps no code that is too long to run', async () => {
    const { texts, id } = await run(`return 1 // ${'x'.repeat(70_000)}`);
    expect(texts[0]).toContain('LimitError: The code has 7');
    const path = `/executions/${id}`;
    const { status } = await askAs(portal, 'user:default/ada', 'GET', path);
    expect(status).toBe(404);
  });

  it('costs at most 350 tokens, whatever is behind it', async () => {
    const client = await portal.connect({}, { portal: `default${ASKED}` });
    const { tools } = await client.listTools();
    await client.close();
    expect(encode(JSON.stringify(tools)).length).toBeLessThanOrEqual(350);
  });

  it.each(['auto', 'legacy'] as const)(
    'finds tools, and chains calls of several servers (%s client)',
    async era => {
      const found = await valueOf(
        `async () => {
          const found = await codemode.search('open issues', { limit: 2 });
          return codemode.types(found.map(tool => tool.name));
        }`,
        { name: SEARCH.name, era },
      );
      expect(JSON.stringify(found)).toContain('tracker_list_issues');
      expect(
        await valueOf(
          `async () => {
            const { issues } = await codemode.tracker_list_issues({});
            const open = await Promise.all(
              issues.filter(i => i.open).map(({ id }) => codemode.tracker_get_issue({ id })),
            );
            const { version } = await codemode.releases_next({});
            return { version, titles: open.map(i => i.title) };
          }`,
          { era },
        ),
      ).toEqual({ version: '1.4', titles: ['Login fails', 'Slow page'] });
    },
  );

  it('shows what the list shows, under the same names', async () => {
    const plain = await namesIn('default');
    const inCode = (await valueOf(
      '(await codemode.tools()).map(tool => tool.name)',
    )) as string[];
    expect(inCode).toEqual(plain.filter(name => !/^portal_/.test(name)));
    expect(inCode).not.toContain('tracker_drop_all');
    // A name that means something else in code has another one there.
    const [aliased] = (
      (await valueOf('(await codemode.tools()).map(tool => tool.name)', {
        path: `short${ASKED}`,
      })) as string[]
    ).filter(name => /^tracker_list_issues_[0-9a-f]{8}$/.test(name));
    expect(
      await valueOf(`(await codemode.${aliased}({})).issues.length`, {
        path: `short${ASKED}`,
      }),
    ).toBe(3);
    expect(
      await valueOf('(await codemode.list_issues({})).issues.length', {
        path: `tracker${ASKED}`,
      }),
    ).toBe(3);
  });

  it('lets code do what its caller may do, and nothing else', async () => {
    const outcomes = await valueOf(`
      const messages = [];
      const attempt = async call => {
        try { messages.push(await call()) } catch (error) { messages.push(error.message) }
      };
      await attempt(() => codemode.tracker_drop_all({}));
      await attempt(() => codemode.tracker_close_issue({ id: 1 }));
      await attempt(() => codemode.tracker_close_issue({ id: 1, sure: true }));
      await attempt(() => codemode.tracker_get_issue({ id: 'one' }));
      await attempt(() => codemode.tracker_get_issue({ id: 1, note: ${JSON.stringify(
        TOKEN,
      )} }));
      await attempt(() => codemode.tracker_leak({}));
      await attempt(() => codemode.tracker_fail({}));
      return messages;
    `);
    expect(outcomes).toEqual([
      expect.stringContaining('no tool tracker_drop_all'),
      expect.stringContaining('No policy permits'),
      ['close_issue', { id: 1, sure: true }],
      expect.stringContaining('do not fit'),
      expect.stringContaining('may not leave the portal'),
      expect.not.stringContaining(TOKEN),
      'no such project',
    ]);
    expect(tracker.calls.map(({ name }) => name)).toEqual([
      'close_issue',
      'leak',
      'fail',
    ]);
    // Nor with a token that was granted less.
    const { texts } = await run(
      'codemode.tracker_close_issue({ sure: true })',
      {
        agent: { scopes: new Set(['tools:read']) },
      },
    );
    expect(texts[0]).toContain('tracker_close_issue');
    expect(tracker.calls).toHaveLength(3);
  });

  it('tells no secret that code puts together, and keeps none', async () => {
    const { texts, id } = await run(`
      const halves = await Promise.all([
        codemode.tracker_leak({ half: 0 }), codemode.tracker_leak({ half: 1 }),
      ]);
      console.log(halves.join(''));
      // ${TOKEN}
      return { token: halves.join('') };
    `);
    expect(texts.join()).not.toContain(TOKEN);
    const { body } = await askAs(
      portal,
      'user:default/ada',
      'GET',
      `/executions/${id}`,
    );
    expect(body.execution.calls).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain(TOKEN);
  });

  it('says what was done when code fails', async () => {
    const { texts, isError } = await run(`async () => {
      console.log('begin');
      await codemode.tracker_close_issue({ sure: true });
      await codemode.tracker_fail({}).catch(() => {});
      return undefined.length;
    }`);
    expect(isError).toBe(true);
    expect(texts[0]).toMatch(/^TypeError: .*\(line 5, column \d+\)$/);
    expect(texts[1]).toContain(
      '1. tracker_close_issue: ok\n2. tracker_fail: error',
    );
    expect(texts[2]).toBe('Logs:\nbegin');
    for (const nothing of ['', '  ', 7, undefined]) {
      expect((await run(nothing)).texts[0]).toContain('Give "code"');
    }
    expect((await run('return (')).texts[0]).toMatch(/^SyntaxError: .*line 1/);
  });

  it('keeps each execution for its user, and for auditors', async () => {
    const { id } = await run(
      'console.warn("so"); return codemode.tracker_get_issue({ id: 1 })',
    );
    const mine = await askAs(portal, 'user:default/ada', 'GET', '/executions');
    expect(mine.body.items[0]).toMatchObject({
      id,
      kind: 'execute',
      state: 'ok',
      portal: 'default',
      caller: ada,
      clientName: 'test',
      code: expect.stringContaining('tracker_get_issue'),
      calls: [{ number: 1, tool: 'tracker_get_issue', outcome: 'ok' }],
      logs: [{ level: 'warn', text: 'so' }],
      resultBytes: expect.any(Number),
      cpuMs: expect.any(Number),
    });
    const { body } = await askAs(
      portal,
      'user:default/ada',
      'GET',
      `/executions/${id}`,
    );
    expect(body.records).toMatchObject([
      {
        action: 'tools/call',
        server: 'tracker',
        target: 'get_issue',
        outcome: 'ok',
        executionId: id,
        decision: { effect: 'permit', policies: ['read'] },
      },
      { target: EXECUTE.name, outcome: 'ok', executionId: id },
    ]);
    const bob = 'user:default/bob';
    expect((await askAs(portal, bob, 'GET', '/executions')).body.items).toEqual(
      [],
    );
    expect((await askAs(portal, bob, 'GET', `/executions/${id}`)).status).toBe(
      404,
    );
    expect(
      (await askAs(portal, bob, 'GET', `/admin/executions/${id}`)).body
        .execution.id,
    ).toBe(id);
    const pages = [];
    let cursor = '';
    do {
      const page = await askAs(
        portal,
        bob,
        'GET',
        `/admin/executions?limit=2&caller=${ada}${cursor}`,
      );
      pages.push(...page.body.items.map((item: { id: string }) => item.id));
      cursor = page.body.nextCursor && `&cursor=${page.body.nextCursor}`;
    } while (cursor);
    expect(new Set(pages).size).toBe(pages.length);
    expect(pages).toContain(id);
    expect(
      (await askAs(portal, bob, 'GET', '/admin/code-mode/status')).body,
    ).toMatchObject({
      isolation: expect.any(String),
      engine: expect.stringContaining('quickjs'),
    });
  });

  it('counts each call of code as one of its caller', async () => {
    const { texts } = await run(
      `const outcomes = [];
       for (let n = 0; n < 8; n++) {
         await codemode.releases_next({}).then(() => outcomes.push('ok'), error => outcomes.push(error.message));
       }
       return outcomes;`,
      { path: `slow${ASKED}`, agent: { uuid: randomUUID() } },
    );
    expect(texts[0]).toContain('"ok"');
    expect(texts[0]).toContain('Too many calls');
  });

  it('has no other tools to call from outside of code', async () => {
    const client = await portal.connect({}, { portal: `default${ASKED}` });
    await expect(
      client.callTool({ name: 'tracker_list_issues', arguments: {} }),
    ).rejects.toThrow('called by code');
    await client.close();
    const plain = await portal.connect();
    await expect(
      plain.callTool({ name: EXECUTE.name, arguments: { code: '1' } }),
    ).rejects.toThrow('There is no tool');
    await plain.close();
    const records = await auditRecords(portal, `target=${EXECUTE.name}`);
    expect(records.every(({ executionId }) => executionId !== '')).toBe(true);
  });
});

describe('Code Mode before any number of tools', () => {
  const COUNTS = [2, 182, 5_000];
  const servers: ToolServer[] = [];
  let portal: TestPortal;

  beforeAll(async () => {
    for (const count of COUNTS) {
      servers.push(
        await startToolServer(
          Array.from({ length: count }, (_, number) => ({
            name: `tool_${number}`,
            description: `Does thing ${number}`,
            ...readOnly,
          })),
        ),
      );
    }
    portal = await startPortal({
      servers: Object.fromEntries(
        COUNTS.map((count, index) => [`s${count}`, servers[index].url]),
      ),
      config: {
        portals: {
          default: {},
          ...Object.fromEntries(
            COUNTS.map(count => [
              `p${count}`,
              { servers: [`s${count}`], codeMode: 'enforced' },
            ]),
          ),
        },
      },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(servers.map(server => server.stop()));
  });

  it.each(COUNTS)('is the same, and works: %d', async count => {
    const client = await portal.connect({}, { portal: `p${count}` });
    const { tools } = await client.listTools();
    expect(tools).toEqual([SEARCH, EXECUTE]);
    const last = `s${count}_tool_${count - 1}`;
    const { content } = await client.callTool({
      name: SEARCH.name,
      arguments: {
        code: `[(await codemode.tools()).length, (await codemode.types(['${last}'])).length > 0]`,
      },
    });
    expect(content).toEqual([{ type: 'text', text: `[${count},true]` }]);
    const called = await client.callTool({
      name: EXECUTE.name,
      arguments: { code: `return codemode.${last}({ x: 1 })` },
    });
    expect(called.content).toEqual([
      { type: 'text', text: `["tool_${count - 1}",{"x":1}]` },
    ]);
    await client.close();
  });
});
