import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { CodePortal, startCodePortal } from '../__testUtils__/codePortal';
import { CLIENT_KINDS, connectClient } from '../__testUtils__/connectClient';
import { addUser, askAs, auditRecords } from '../__testUtils__/pages';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import { EXECUTE } from '../codeMode';

jest.setTimeout(60_000);

/** A new issue, a number and a time: whatever is done twice differs. */
const CODE = `async () => {
    const stamp = [Date.now(), Math.random()];
    const issue = await codemode.tracker_create_issue({ title: 'T' + stamp });
    const closed = await codemode.tracker_close_issue({ issue: issue.title });
    return { stamp, title: issue.title, closed };
  }`;

/** Adds a user who has run nothing yet. */
function newUser({ portal }: CodePortal): string {
  const uuid = randomUUID();
  addUser(portal, 'ada', uuid);
  return uuid;
}

describe('code whose calls wait for a person', () => {
  const WALL_MS = 2_000;
  let started: CodePortal;
  let uuid: string;

  beforeAll(async () => {
    // The wait is longer than code may run.
    started = await startCodePortal({
      holdMs: 2 * WALL_MS,
      limits: { wallMs: WALL_MS },
    });
  });

  beforeEach(() => {
    started.tracker.calls.length = 0;
    uuid = newUser(started);
  });

  afterAll(() => started?.stop());

  it('goes on when it is approved, and waiting takes none of its time', async () => {
    const running = started.execute(CODE, { uuid });
    await new Promise(resolve => setTimeout(resolve, WALL_MS + 500));
    await started.decide('approve');
    const { text, isError } = await running;
    expect(text).toContain('"closed":"closed"');
    expect(isError).toBe(false);
    expect(started.called()).toEqual(['create_issue', 'close_issue']);
  });

  it('waits for all calls that are under way before it is paused', async () => {
    const code = `
      const [slow] = await Promise.all([
        codemode.tracker_create_slowly({}), codemode.tracker_close_issue({ n: 1 }),
      ]);
      return slow;
    `;
    const begun = once(started.events, 'started');
    const running = started.execute(code, { uuid });
    await begun;
    // Its clock stands still, and the wait is over: only the other call is missing.
    await new Promise(resolve => setTimeout(resolve, 2 * WALL_MS + 500));
    started.events.emit('finish');
    const paused = await running;
    expect(paused.text).toContain('1. tracker_create_slowly: ok');
    await started.decide('approve');
    expect((await started.execute(code, { uuid })).text).toBe('"created"');
    expect(started.called().sort()).toEqual(['close_issue', 'create_slowly']);
  });
});

describe('code whose calls wait for longer than the request', () => {
  let started: CodePortal;
  let ada: string;
  const as = (era: 'auto' | 'legacy' = 'auto') => ({ uuid: ada, era });

  beforeAll(async () => {
    started = await startCodePortal({ holdMs: 1_000 });
  });

  beforeEach(() => {
    started.tracker.calls.length = 0;
    ada = newUser(started);
  });

  afterAll(() => started?.stop());

  describe.each(['auto', 'legacy'] as const)('for long (%s client)', era => {
    it.each(['its id', 'the same code'])(
      'is paused, and resumed by %s: nothing is done twice',
      async by => {
        const paused = await started.execute(CODE, as(era));
        expect(paused.isError).toBe(true);
        expect(paused.text).toContain(`codemode.resume("${paused.id}")`);
        expect(paused.text).toContain('1. tracker_create_issue: ok');
        expect(paused.text).toMatch(/tracker_close_issue, at http.*approvals/);
        expect(
          await started.executionOf('user:default/ada', paused.id),
        ).toMatchObject({
          state: 'paused',
          waitsAt: [expect.stringContaining('/approvals/')],
        });
        await started.decide('approve');
        const resumed = await started.execute(
          by === 'its id'
            ? `await codemode.resume("${paused.id}")`
            : `\n${CODE} `,
          as(era),
        );
        expect(resumed.isError).toBe(false);
        expect(resumed.id).toBe(paused.id);
        const { stamp, title, closed } = JSON.parse(resumed.text);
        expect([title, closed]).toEqual([`T${stamp}`, 'closed']);
        expect(
          started.tracker.calls.map(({ name, arguments: args }) => [
            name,
            args,
          ]),
        ).toEqual([
          ['create_issue', { title }],
          ['close_issue', { issue: title }],
        ]);
        expect(
          await started.executionOf('user:default/ada', paused.id),
        ).toMatchObject({
          state: 'ok',
          calls: [{ isReplayed: true }, { outcome: 'ok' }],
        });
        const again = await started.execute(
          `codemode.resume("${paused.id}")`,
          as(era),
        );
        expect(again.text).toContain('No execution of yours');
        expect(started.called()).toHaveLength(2);
      },
    );
  });

  it('is paused again when nobody has decided, and told when it was denied', async () => {
    const code = `
      const { title } = await codemode.tracker_create_issue({ title: 'x' });
      try { await codemode.tracker_close_issue({ title }) } catch (error) { return error.message }
    `;
    const { id } = await started.execute(code, as());
    const again = await started.execute(`codemode.resume("${id}")`, as());
    expect(again.id).toBe(id);
    expect(again.text).toContain('paused');
    await started.decide('deny');
    expect((await started.execute(code, as())).text).toContain(
      'denied by a person',
    );
    expect(started.called()).toEqual(['create_issue']);
  });

  it('asks for each of two calls that are the same', async () => {
    const code = `return Promise.all([
      codemode.tracker_close_issue({ n: 1 }), codemode.tracker_close_issue({ n: 1 }),
    ])`;
    const { id } = await started.execute(code, as());
    await started.decide('approve');
    const again = await started.execute(code, as());
    expect([again.id, again.isError]).toEqual([id, true]);
    expect(started.called()).toHaveLength(1);
    await started.decide('approve');
    const { text } = await started.execute(code, as());
    expect(JSON.parse(text)).toEqual(['closed', 'closed']);
    expect(started.called()).toHaveLength(2);
  });

  it('belongs to its user, and goes on once', async () => {
    const { id } = await started.execute(CODE, as());
    await started.decide('approve');
    const other = randomUUID();
    addUser(started.portal, 'other', other);
    expect(
      (await started.execute(`codemode.resume("${id}")`, { uuid: other })).text,
    ).toContain('No execution of yours');
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        started.execute(`codemode.resume("${id}")`, as()),
      ),
    );
    expect(answers.filter(({ isError }) => !isError)).toHaveLength(1);
    expect(started.called()).toEqual(['create_issue', 'close_issue']);
  });

  it('does not go on with what its caller has no right to any more', async () => {
    const paused = await started.execute(CODE, as());
    await started.decide('approve');
    const client = await started.portal.connect(
      { uuid: ada, scopes: new Set(['tools:read']) },
      { portal: 'code' },
    );
    const refused = (await client.callTool({
      name: EXECUTE.name,
      arguments: { code: `codemode.resume("${paused.id}")` },
    })) as CallToolResult;
    await client.close();
    expect(JSON.stringify(refused)).toContain('cannot go on');
    // What was done is told, as a model would do it again.
    expect(JSON.stringify(refused)).toContain('1. tracker_create_issue: ok');
    expect(
      await started.executionOf('user:default/ada', paused.id),
    ).toMatchObject({
      state: 'error',
      calls: [{ tool: 'tracker_create_issue', outcome: 'ok' }],
    });
    expect(started.called()).toEqual(['create_issue']);
  });

  it('is recorded: each call, and that it was held', async () => {
    const { id } = await started.execute(CODE, as());
    const records = await auditRecords(started.portal, `executionId=${id}`);
    expect(
      records.map(({ target, outcome }) => [target, outcome]).sort(),
    ).toEqual([
      ['close_issue', 'held'],
      ['create_issue', 'ok'],
      [EXECUTE.name, 'held'],
    ]);
    await started.decide('deny');
  });

  // In revision 2026-07-28 of the protocol, to close the connection is to cancel.
  it.each([
    { kind: 'v1' as const, state: 'paused' },
    { kind: 'v2' as const, state: 'cancelled' },
  ])(
    'is $state when the client has lost its connection meanwhile ($kind)',
    async ({ kind, state }) => {
      const lost = new AbortController();
      const client = await connectClient({
        kind,
        url: started.portal.endpoint('code'),
        token: started.portal.tokenOf({ uuid: ada }),
        fetch: (url, init) => fetch(url, { ...init, signal: lost.signal }),
      });
      const call = { name: EXECUTE.name, arguments: { code: CODE } };
      client.request('tools/call', call).catch(() => {});
      await started.somethingWaits();
      lost.abort();
      let found: { id: string; state: string } | undefined;
      while (!found) {
        await new Promise(resolve => setTimeout(resolve, 50));
        const path = '/executions';
        const user = 'user:default/ada';
        const { body } = await askAs(started.portal, user, 'GET', path);
        [found] = body.items;
      }
      expect(found.state).toBe(state);
      await started.decide('approve');
      const code = `codemode.resume("${found.id}")`;
      const resumed = await started.execute(code, as());
      expect(resumed.isError).toBe(state === 'cancelled');
      expect(started.called()).toEqual([
        'create_issue',
        ...(state === 'cancelled' ? [] : ['close_issue']),
      ]);
    },
  );
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
