import { CodeMode, createCodeMode, Replay } from '@prompt-corner/code-mode';
import { RunSnippet, runSnippet, Snippet } from './runSnippet';

jest.setTimeout(60_000);

const HELD_URL = 'http://localhost/approvals/1';

const tools = ['held', 'create', 'other'].map(name => ({ name, server: 'x' }));

const answerOf = (text: string) => ({
  result: { content: [{ type: 'text' as const, text }] },
});

/** What a call is answered that nobody has approved yet. */
const waits = { ...answerOf('waits'), waitsAt: HELD_URL };

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
      tools,
      principal: 'ada',
      waitMs: 1_000,
      signal: new AbortController().signal,
      makeCall: async (tool, args) => {
        made.push(`${tool} ${JSON.stringify(args)}`);
        return tool === 'held' ? waits : answerOf('{}');
      },
      ...options,
    });

  /** As it is stored, and read again. */
  const replayOf = ({ execution: { recording }, calls }: RunSnippet): Replay =>
    JSON.parse(JSON.stringify({ recording, calls }));

  it('makes no call twice when the tool of a call that waited is gone', async () => {
    const code = `async () => {
      const held = codemode.held({});
      await codemode.create({ n: 1 });
      return await held;
    }`;
    const created = Promise.withResolvers<void>();
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
      tools: tools.filter(({ name }) => name !== 'held'),
      replay: replayOf(first),
    });
    expect(made).toEqual(['held {}', 'create {"n":1}']);
    expect(again.execution.error?.name).toBe('ReplayDivergenceError');
  });
});
