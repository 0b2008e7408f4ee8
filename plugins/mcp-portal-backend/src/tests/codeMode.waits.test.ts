import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { CLIENT_KINDS, connectClient } from '../__testUtils__/connectClient';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';
import { EXECUTE } from '../codeMode';

jest.setTimeout(60_000);

const POLICIES = `
@id("free")
permit (principal, action == Action::"call_tool", resource)
unless { resource.name == "close_issue" || resource.name == "close_slowly" };

@id("ask")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "close_issue" || resource.name == "close_slowly" };
`;

/** The wait is longer than code may run. */
const WALL_MS = 2_000;
const HOLD_MS = 4_000;

describe('code whose calls wait for a person', () => {
  const events = new EventEmitter();
  let tracker: ToolServer;
  let portal: TestPortal;
  let boss: string;
  let ada: string;

  beforeAll(async () => {
    tracker = await startToolServer([
      { name: 'create_issue', run: ({ title }) => JSON.stringify({ title }) },
      {
        name: 'create_slowly',
        run: async () => {
          events.emit('started');
          await once(events, 'finish');
          return '"created"';
        },
      },
      { name: 'close_issue', run: () => '"closed"' },
    ]);
    portal = await startPortal({
      servers: { tracker: tracker.url },
      config: {
        policy: { default: false, policies: POLICIES },
        portals: { default: {}, code: { codeMode: 'enforced' } },
        calls: { hold: { milliseconds: HOLD_MS } },
        codeMode: { limits: { wallMs: WALL_MS } },
      },
    });
    boss = addUser(portal, 'boss', randomUUID(), [
      'group:default/platform-team',
    ]);
  });

  beforeEach(() => {
    tracker.calls.length = 0;
    ada = randomUUID();
    addUser(portal, 'ada', ada);
  });

  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
  });

  const execute = async (
    code: string,
    { uuid = ada, era = 'auto' as 'auto' | 'legacy' } = {},
  ) => {
    const client = await portal.connect({ uuid }, { portal: 'code', era });
    try {
      const result = (await client.callTool({
        name: EXECUTE.name,
        arguments: { code },
      })) as CallToolResult;
      return {
        text: (result.content as Array<{ text: string }>)
          .map(({ text }) => text)
          .join('\n'),
        isError: result.isError === true,
        id: result._meta?.['prompt-corner.dev/execution'] as string,
      };
    } finally {
      await client.close();
    }
  };
  const pendingIds = async (count = 1): Promise<string[]> => {
    for (let tries = 0; tries < 200; tries++) {
      const { body } = await askAs(
        portal,
        boss,
        'GET',
        '/approvals?state=pending',
      );
      if (body.items.length >= count) {
        return body.items.map(({ id }: { id: string }) => id);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('Nothing waits for an approval');
  };
  const decide = async (decision: 'approve' | 'deny', count = 1) => {
    for (const id of await pendingIds(count)) {
      await askAs(portal, boss, 'POST', `/approvals/${id}/decide`, {
        decision,
      });
    }
  };
  const stateOf = async (id: string) =>
    (await askAs(portal, 'user:default/ada', 'GET', `/executions/${id}`)).body
      ?.execution;
  const called = () => tracker.calls.map(({ name }) => name);

  /** A new issue, a number and a time: whatever is done twice differs. */
  const CODE = `async () => {
    const stamp = [Date.now(), Math.random()];
    const issue = await codemode.tracker_create_issue({ title: 'T' + stamp });
    const closed = await codemode.tracker_close_issue({ issue: issue.title });
    return { stamp, title: issue.title, closed };
  }`;

  it('goes on when it is approved, and waiting takes none of its time', async () => {
    const running = execute(CODE);
    const [id] = await pendingIds();
    await new Promise(resolve => setTimeout(resolve, WALL_MS + 500));
    expect(id).toEqual(expect.any(String));
    await decide('approve');
    const { text, isError } = await running;
    expect(text).toContain('"closed":"closed"');
    expect(isError).toBe(false);
    expect(called()).toEqual(['create_issue', 'close_issue']);
  });

  describe.each(['auto', 'legacy'] as const)('for long (%s client)', era => {
    it.each(['its id', 'the same code'])(
      'is paused, and resumed by %s: nothing is done twice',
      async by => {
        const paused = await execute(CODE, { era });
        expect(paused.isError).toBe(true);
        expect(paused.text).toContain(`codemode.resume("${paused.id}")`);
        expect(paused.text).toContain('1. tracker_create_issue: ok');
        expect(paused.text).toMatch(/tracker_close_issue, at http.*approvals/);
        expect(await stateOf(paused.id)).toMatchObject({
          state: 'paused',
          waitsAt: [expect.stringContaining('/approvals/')],
        });
        await decide('approve');
        const resumed = await execute(
          by === 'its id'
            ? `await codemode.resume("${paused.id}")`
            : `\n${CODE} `,
          { era },
        );
        expect(resumed.isError).toBe(false);
        expect(resumed.id).toBe(paused.id);
        const { stamp, title, closed } = JSON.parse(resumed.text);
        expect([title, closed]).toEqual([`T${stamp}`, 'closed']);
        expect(
          tracker.calls.map(({ name, arguments: args }) => [name, args]),
        ).toEqual([
          ['create_issue', { title }],
          ['close_issue', { issue: title }],
        ]);
        expect(await stateOf(paused.id)).toMatchObject({
          state: 'ok',
          calls: [{ isReplayed: true }, { outcome: 'ok' }],
        });
        const again = await execute(`codemode.resume("${paused.id}")`, { era });
        expect(again.text).toContain('No execution of yours');
        expect(called()).toHaveLength(2);
      },
    );
  });

  it('is paused again when nobody has decided, and told when it was denied', async () => {
    const code = `
      const { title } = await codemode.tracker_create_issue({ title: 'x' });
      try { await codemode.tracker_close_issue({ title }) } catch (error) { return error.message }
    `;
    const { id } = await execute(code);
    const again = await execute(`codemode.resume("${id}")`);
    expect(again.id).toBe(id);
    expect(again.text).toContain('paused');
    await decide('deny');
    expect((await execute(code)).text).toContain('denied by a person');
    expect(called()).toEqual(['create_issue']);
  });

  it('belongs to its user, and goes on once', async () => {
    const { id } = await execute(CODE);
    await decide('approve');
    const other = randomUUID();
    addUser(portal, 'other', other);
    expect(
      (await execute(`codemode.resume("${id}")`, { uuid: other })).text,
    ).toContain('No execution of yours');
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => execute(`codemode.resume("${id}")`)),
    );
    expect(answers.filter(({ isError }) => !isError)).toHaveLength(1);
    expect(called()).toEqual(['create_issue', 'close_issue']);
  });

  it('waits for all calls that are under way before it is paused', async () => {
    const code = `
      const [slow] = await Promise.all([
        codemode.tracker_create_slowly({}), codemode.tracker_close_issue({ n: 1 }),
      ]);
      return slow;
    `;
    const started = once(events, 'started');
    const running = execute(code);
    await started;
    await pendingIds();
    // Its clock stands still, and the wait is over: only the other call is missing.
    await new Promise(resolve => setTimeout(resolve, HOLD_MS + 500));
    events.emit('finish');
    const paused = await running;
    expect(paused.text).toContain('1. tracker_create_slowly: ok');
    await decide('approve');
    expect((await execute(code)).text).toBe('"created"');
    expect(called().sort()).toEqual(['close_issue', 'create_slowly']);
  });

  it('does not go on with what its caller has no right to any more', async () => {
    const { id } = await execute(CODE);
    await decide('approve');
    const { text, isError } = await execute(`codemode.resume("${id}")`, {});
    expect([isError, text]).toEqual([false, expect.stringContaining('closed')]);
    const second = await execute(`${CODE} // again`);
    await decide('approve');
    const client = await portal.connect(
      { uuid: ada, scopes: new Set(['tools:read']) },
      { portal: 'code' },
    );
    const refused = (await client.callTool({
      name: EXECUTE.name,
      arguments: { code: `codemode.resume("${second.id}")` },
    })) as CallToolResult;
    await client.close();
    expect(JSON.stringify(refused)).toContain('cannot go on');
    expect(await stateOf(second.id)).toMatchObject({ state: 'error' });
    expect(called()).toEqual(['create_issue', 'close_issue', 'create_issue']);
  });

  it('is recorded: each call, and that it was held', async () => {
    const { id } = await execute(CODE);
    const records = await auditRecords(portal, `executionId=${id}`);
    expect(
      records.map(({ target, outcome }) => [target, outcome]).sort(),
    ).toEqual([
      ['close_issue', 'held'],
      ['create_issue', 'ok'],
      [EXECUTE.name, 'held'],
    ]);
  });
});

describe('code that is stopped', () => {
  const events = new EventEmitter();
  let server: EverythingServer;
  let portal: TestPortal;

  beforeAll(async () => {
    server = await startEverythingServer({
      tools: [
        {
          name: 'endless',
          description: 'Works until it is cancelled',
          inputSchema: { type: 'object' },
          annotations: { readOnlyHint: true },
          run: async (_, ctx) => {
            events.emit('started');
            await once(ctx.mcpReq.signal, 'abort');
            events.emit('cancelled');
            return { content: [] };
          },
        },
      ],
    });
    portal = await startPortal({
      servers: { everything: server.url },
      config: { portals: { default: {}, code: { codeMode: 'enforced' } } },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await server?.stop();
  });

  const lastExecution = async () => {
    for (let tries = 0; tries < 100; tries++) {
      const { body } = await askAs(
        portal,
        'user:default/ada',
        'GET',
        '/executions',
      );
      if (body.items.length) {
        return body.items[0];
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    return undefined;
  };

  it.each(
    CLIENT_KINDS.flatMap(kind =>
      (['cancels it', 'loses its connection'] as const).map(how => ({
        kind,
        how,
      })),
    ),
  )(
    'ends with its calls when the client $how ($kind)',
    async ({ kind, how }) => {
      const ada = randomUUID();
      addUser(portal, 'ada', ada);
      const lost = new AbortController();
      const client = await connectClient({
        kind,
        url: portal.endpoint('code'),
        token: portal.tokenOf({ uuid: ada }),
        fetch: (url, init) =>
          fetch(url, {
            ...init,
            signal: AbortSignal.any([
              lost.signal,
              ...(init?.signal ? [init.signal] : []),
            ]),
          }),
      });
      const cancel = new AbortController();
      const started = once(events, 'started');
      const cancelled = once(events, 'cancelled');
      const running = client.request(
        'tools/call',
        {
          name: EXECUTE.name,
          arguments: { code: 'return codemode.everything_endless({})' },
        },
        { signal: cancel.signal },
      );
      running.catch(() => {});
      await started;
      (how === 'cancels it' ? cancel : lost).abort();
      await cancelled;
      expect(await lastExecution()).toMatchObject({
        state: 'cancelled',
        calls: [{ tool: 'everything_endless', outcome: 'abandoned' }],
      });
      await client.close().catch(() => {});
    },
  );
});
