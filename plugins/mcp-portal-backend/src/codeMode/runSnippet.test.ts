import { CodeMode, createCodeMode, Replay } from '@prompt-corner/code-mode';
import { toolValue } from './CodeScope';
import { RunSnippet, runSnippet, Snippet } from './runSnippet';

jest.setTimeout(60_000);

const HELD_URL = 'http://localhost/approvals/1';

const tools = ['held', 'create', 'other'].map(name => ({ name, server: 'x' }));

const answerOf = (text: string) => ({
  result: { content: [{ type: 'text' as const, text }] },
});

/** What a call is answered that nobody has approved yet. */
const waits = { ...answerOf('waits'), waitsAt: HELD_URL };

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('a snippet', () => {
  let codeMode: CodeMode;
  let made: string[];

  beforeAll(() => {
    codeMode = createCodeMode({ allowPlain: true });
  });

  beforeEach(() => {
    made = [];
  });

  afterAll(() => codeMode.close());

  const run = (code: string, options: Partial<Snippet> = {}) =>
    runSnippet(codeMode, {
      code,
      scope: { tools },
      valueOf: toolValue,
      principal: 'ada',
      waitMs: 1_000,
      mayBePaused: async () => true,
      signal: new AbortController().signal,
      makeCall: async (tool, args) => {
        made.push(`${tool} ${JSON.stringify(args)}`);
        return tool === 'held' ? waits : answerOf('{}');
      },
      ...options,
    });

  /** As it is stored, and read again. */
  const replayOf = ({ replay }: RunSnippet): Replay =>
    JSON.parse(JSON.stringify(replay));

  it('makes no call twice when the tool of a call that waited is gone', async () => {
    const code = `async () => {
      const held = codemode.held({});
      await codemode.create({ n: 1 });
      return await held;
    }`;
    const created = deferred();
    const first = await run(code, {
      makeCall: async (tool, args) => {
        made.push(`${tool} ${JSON.stringify(args)}`);
        if (tool === 'held') {
          await created.promise;
          return waits;
        }
        created.resolve();
        return answerOf('{}');
      },
    });
    expect(first.waiting).toEqual([{ tool: 'held', url: HELD_URL }]);
    expect(made).toEqual(['held {}', 'create {"n":1}']);
    const again = await run(code, {
      scope: { tools: tools.filter(({ name }) => name !== 'held') },
      replay: replayOf(first),
    });
    expect(made).toEqual(['held {}', 'create {"n":1}']);
    expect(again.execution.error?.name).toBe('ReplayDivergenceError');
  });

  it('is paused again in the middle of a replay, and goes on as if it was not', async () => {
    const code = `async () => {
      const held = codemode.held({});
      for (let n = 0; n < 3; n++) {
        await codemode.create({ n, at: Date.now(), random: Math.random() });
      }
      return await held;
    }`;
    const created = deferred();
    let isApproved = false;
    const makeCall: Snippet['makeCall'] = async (tool, args) => {
      made.push(tool);
      if (tool === 'held') {
        await created.promise;
        return isApproved ? answerOf('done') : waits;
      }
      // So that a time that is read again differs.
      await new Promise(resolve => setTimeout(resolve, 5));
      if (args.n === 2) {
        created.resolve();
      }
      return answerOf('{}');
    };
    const first = await run(code, { makeCall });
    expect(first.replay.calls).toHaveLength(4);
    const second = await run(code, { makeCall, replay: replayOf(first) });
    expect(second.waiting).toHaveLength(1);
    isApproved = true;
    const third = await run(code, { makeCall, replay: replayOf(second) });
    expect(third.execution).toMatchObject({ outcome: 'ok', value: 'done' });
    expect(made.filter(tool => tool === 'create')).toHaveLength(3);
  });

  it('is not paused with more than is kept, whatever comes first', async () => {
    const begun = deferred();
    const finish = deferred();
    const { execution, waiting } = await run(
      `async () => {
        const held = codemode.held({}).catch(error => error.message);
        await Promise.all([1, 2].map(n => codemode.create({ n })));
        return await held;
      }`,
      {
        makeCall: async (tool, { n }) => {
          if (tool === 'held') {
            await begun.promise;
            // Only when it waits.
            setTimeout(finish.resolve, 50);
            return { ...waits, result: { ...waits.result, isError: true } };
          }
          if (n === 2) {
            begun.resolve();
          }
          await finish.promise;
          return answerOf('x'.repeat(6_000_000));
        },
      },
    );
    expect(waiting).toEqual([]);
    expect(execution).toMatchObject({ outcome: 'ok', value: 'waits' });
  });

  it('ends when its client has gone, and what it waited for was decided', async () => {
    const gone = new AbortController();
    const { execution, waiting } = await run(
      `async () => {
        await codemode.held({}).catch(() => {});
        await codemode.create({});
      }`,
      {
        gone: gone.signal,
        makeCall: async (tool, _, { onWait }) => {
          made.push(tool);
          const waitNoMore = onWait();
          gone.abort();
          waitNoMore();
          return { result: { ...answerOf('denied').result, isError: true } };
        },
      },
    );
    expect(waiting).toEqual([]);
    expect(execution.outcome).toBe('cancelled');
    expect(made).toEqual(['held']);
  });

  it('tells what was done before a pause also when it does not go on', async () => {
    const code = `async () => {
      await codemode.search('create');
      await codemode.create({});
      return codemode.held({});
    }`;
    const first = await run(code);
    const again = await run(code, {
      scope: { tools: [...tools, { name: 'new', server: 'x' }] },
      replay: replayOf(first),
    });
    expect(again.execution).toMatchObject({
      error: { name: 'ReplayDivergenceError' },
      calls: [{ number: 1, tool: 'create', outcome: 'ok', isReplayed: true }],
    });
  });

  it('is told that a call waits when too many executions wait already', async () => {
    const { execution, waiting } = await run(
      `async () => codemode.held({}).catch(error => error.message)`,
      {
        mayBePaused: async () => false,
        makeCall: async () => ({
          ...waits,
          result: { ...waits.result, isError: true },
        }),
      },
    );
    expect(waiting).toEqual([]);
    expect(execution).toMatchObject({ outcome: 'ok', value: 'waits' });
  });

  it('is suspended early when somebody else needs its sandbox', async () => {
    const small = createCodeMode({
      allowPlain: true,
      processes: { warm: 1, max: 1 },
    });
    try {
      const holding = deferred();
      const waiting = runSnippet(small, {
        code: 'return codemode.held({})',
        scope: { tools },
        valueOf: toolValue,
        principal: 'ada',
        waitMs: 50_000,
        mayBePaused: async () => true,
        signal: new AbortController().signal,
        makeCall: (_tool, _args, { waitNoLonger, onWait }) =>
          new Promise(resolve => {
            onWait();
            waitNoLonger.addEventListener('abort', () => resolve(waits));
            holding.resolve();
          }),
      });
      await holding.promise;
      const other = await small.execute({
        code: '7',
        tools: [],
        principal: 'bob',
        call: async () => undefined,
      });
      expect(other.value).toBe(7);
      expect((await waiting).waiting).toEqual([
        { tool: 'held', url: HELD_URL },
      ]);
    } finally {
      await small.close();
    }
  });
});
