import { createCodeMode } from '../index';
import type { CallContext, CodeMode, ExecuteRequest } from '../index';

const tools = [
  {
    name: 'math_add',
    server: 'math',
    description: 'Adds two numbers. Never subtracts.',
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a'],
    },
    outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
  },
  { name: 'math_fail', server: 'math', description: 'Always fails.' },
  { name: 'slow_echo', server: 'slow', description: 'Answers after a while.' },
];

const call: ExecuteRequest['call'] = async (name, args) => {
  switch (name) {
    case 'math_add':
      return { sum: Number(args.a) + Number(args.b) };
    case 'slow_echo':
      await new Promise(resolve => setTimeout(resolve, Number(args.ms)));
      return args;
    default:
      throw new RangeError('it never works');
  }
};

describe('execute', () => {
  let codeMode: CodeMode;

  beforeAll(() => {
    codeMode = createCodeMode({ limits: { cpuMs: 500, wallMs: 5000 } });
  });

  afterAll(() => codeMode.close());

  const run = (code: string, options: Partial<ExecuteRequest> = {}) =>
    codeMode.execute({ code, tools, call, principal: 'ada', ...options });

  it('runs code, calls tools, and answers with JSON', async () => {
    const execution = await run(`async () => {
      const { sum } = await codemode.math_add({ a: 1, b: 2 });
      console.log('sum', sum, { of: [1, 2] });
      console.warn('careful');
      return [sum, 'ä€😀'];
    }`);
    expect(execution).toMatchObject({
      outcome: 'ok',
      value: [3, 'ä€😀'],
      text: '[3,"ä€😀"]',
      logs: [
        { level: 'log', text: 'sum 3 {"of":[1,2]}' },
        { level: 'warn', text: 'careful' },
      ],
      calls: [{ number: 1, tool: 'math_add', outcome: 'ok' }],
    });
    expect(execution.error).toBeUndefined();
    expect(execution.durationMs).toBeGreaterThan(0);
  });

  it('answers null for code without a result', async () => {
    expect(await run('const a = 1;')).toMatchObject({
      outcome: 'ok',
      text: 'null',
      value: null,
    });
  });

  it('says where code failed, and which calls were made before', async () => {
    const execution = await run(
      'await codemode.math_add({ a: 1, b: 1 });\nconst x = null;\nreturn x.y;',
    );
    expect(execution).toMatchObject({
      outcome: 'error',
      error: { name: 'TypeError', line: 3 },
      calls: [{ number: 1, tool: 'math_add', outcome: 'ok' }],
    });
  });

  it('says where code is not JavaScript', async () => {
    expect(await run('const a = 1;\nconst = 2;')).toMatchObject({
      outcome: 'error',
      error: { name: 'SyntaxError', line: 2, column: 7 },
    });
  });

  it('throws errors of tools where code can catch them', async () => {
    const execution = await run(`
      try { await codemode.math_fail({}); } catch (e) {
        return [e instanceof Error, e.name, e.message, String(e.stack).includes('.ts')];
      }`);
    expect(execution.value).toEqual([
      true,
      'RangeError',
      'it never works',
      false,
    ]);
    expect(execution.calls).toMatchObject([{ outcome: 'error' }]);
  });

  it('fails a call that cannot be recorded', async () => {
    const execution = await run('return codemode.math_add({ a: 1, b: 1 })', {
      onCall: () => {
        throw new Error('the store is down');
      },
    });
    expect(execution).toMatchObject({
      outcome: 'error',
      error: { message: 'the store is down' },
      calls: [{ outcome: 'error' }],
    });
  });

  it('suggests the nearest names for a tool that is not there', async () => {
    const execution = await run('await codemode.mathAdd({ a: 1 })');
    expect(execution).toMatchObject({
      outcome: 'error',
      error: { name: 'UnknownToolError' },
      calls: [],
    });
    expect(execution.error?.message).toContain('Did you mean math_add');
  });

  it('makes calls in parallel, at most as many as may be in flight', async () => {
    let open = 0;
    let most = 0;
    const execution = await run(
      `const all = await Promise.all(
        Array.from({ length: 40 }, (_, i) => codemode.slow_echo({ i })));
      return all.map(({ i }) => i);`,
      {
        call: async (_name, args) => {
          open += 1;
          most = Math.max(most, open);
          await new Promise(resolve => setTimeout(resolve, 100));
          open -= 1;
          return args;
        },
      },
    );
    expect(execution.value).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(most).toBe(16);
  });

  it('tells of tools: all of them, ranked, and as types', async () => {
    const execution = await run(`return {
      all: (await codemode.tools()).map(tool => tool.name),
      found: await codemode.search('adding numbers', { limit: 1 }),
      elsewhere: await codemode.search('adding numbers', { server: 'slow' }),
      types: await codemode.types(['math_add', 'nope']),
    }`);
    expect(execution.value).toEqual({
      all: ['math_add', 'math_fail', 'slow_echo'],
      found: [
        { name: 'math_add', server: 'math', description: 'Adds two numbers.' },
      ],
      elsewhere: [],
      types: expect.stringContaining(
        'codemode.math_add(args: { a: number; b?: number }): Promise<{ sum?: number }>',
      ),
    });
  });

  it('gives abandoned calls their signal, and says that they were abandoned', async () => {
    let signal: AbortSignal | undefined;
    const execution = await run(`codemode.slow_echo({ ms: 9000 }); return 1;`, {
      call: (_name, _args, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    expect(execution).toMatchObject({
      outcome: 'ok',
      value: 1,
      calls: [{ tool: 'slow_echo', outcome: 'abandoned' }],
    });
    expect(signal?.aborted).toBe(true);
  });

  it('stops at the wall limit, and does not count time that a call waits for a human', async () => {
    const code = `return codemode.slow_echo({ ms: 600 })`;
    const limits = { wallMs: 300 };
    expect(await run(code, { limits })).toMatchObject({
      outcome: 'limit',
      error: { limit: 'wall' },
      calls: [{ outcome: 'abandoned' }],
    });
    const held = async (name: string, args: any, context: CallContext) => {
      context.pauseClock();
      return call(name, args, context);
    };
    expect(await run(code, { limits, call: held })).toMatchObject({
      outcome: 'ok',
      value: { ms: 600 },
    });
  });

  it('is cancelled by its signal, before and while it runs', async () => {
    const abort = new AbortController();
    const running = run('await sleep(4000)', { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    const execution = await running;
    expect(execution).toMatchObject({ outcome: 'cancelled' });
    expect(execution.durationMs).toBeLessThan(2000);
    expect(await run('1', { signal: abort.signal })).toMatchObject({
      outcome: 'cancelled',
      calls: [],
    });
  });

  it('cuts what is too long, keeps it valid, and says so', async () => {
    const execution = await run(
      `return { rows: Array.from({ length: 5000 }, (_, id) => ({ id, text: 'row ' + id })) }`,
    );
    expect(execution.text?.length).toBeLessThanOrEqual(24_000);
    expect(execution.cut).toBeGreaterThan(100_000);
    const { rows } = execution.value as { rows: unknown[] };
    expect(rows[0]).toEqual({ id: 0, text: 'row 0' });
    expect(rows.at(-1)).toMatch(/^\[cut: \d+ of 5000 items\]$/);
  });

  it('keeps logs within their limit, and says that lines are missing', async () => {
    const { logs } = await run(
      `for (let i = 0; i < 1000; i++) console.log('€'.repeat(100));`,
    );
    const bytes = Buffer.byteLength(logs.map(({ text }) => text).join(''));
    expect(bytes).toBeLessThan(8 * 1024 + 100);
    expect(logs.at(-1)?.text).toContain('limit reached');
  });

  it('searches without calling tools', async () => {
    const request = { tools, principal: 'ada' };
    expect(
      await codeMode.search({
        ...request,
        code: `(await codemode.tools()).filter(t => t.server === 'slow').map(t => t.name)`,
      }),
    ).toMatchObject({ outcome: 'ok', value: ['slow_echo'] });
    expect(
      await codeMode.search({
        ...request,
        code: 'codemode.math_add({ a: 1 })',
      }),
    ).toMatchObject({ outcome: 'limit', error: { limit: 'calls' } });
  });

  it('refuses what makes no sense', async () => {
    await expect(run('')).rejects.toThrow('code must be a text');
    await expect(run('1', { principal: '' })).rejects.toThrow('whose code');
    await expect(run('1', { limits: { wallMs: 6000 } })).rejects.toThrow(
      'The limit wallMs must be a whole number from 10 to 5000',
    );
    await expect(
      run('1', { tools: [{ name: 'search', server: 'x' }] }),
    ).rejects.toThrow('The tool name search is reserved, or no name');
    await expect(run('1', { tools: [...tools, ...tools] })).rejects.toThrow(
      'Two tools have the name math_add',
    );
    expect(await run(`/*${'x'.repeat(70_000)}*/`)).toMatchObject({
      outcome: 'limit',
      error: { limit: 'codeBytes' },
    });
  });

  it('says how sandboxes are kept apart from the machine', () => {
    const health = codeMode.health();
    expect(health.isolation).toMatch(/^(bwrap|unshare-user|unshare-root)$/);
    expect(health.engine).toMatch(/^quickjs-ng /);
    expect(health.lost).toEqual({});
  });
});
