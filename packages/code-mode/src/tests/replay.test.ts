import { createCodeMode } from '../index';
import type {
  CallContext,
  CallRecord,
  CodeMode,
  ExecuteRequest,
  Recording,
} from '../index';

const tools = [
  { name: 'get', server: 'x', description: 'Gets something.' },
  { name: 'put', server: 'x', description: 'Puts something.' },
];

const code = `async () => {
  const started = Date.now();
  const random = [Math.random(), Math.random()];
  const order = [];
  const get = async (id, ms) => {
    const { value } = await codemode.get({ id, ms, at: Date.now() });
    order.push(id);
    return value;
  };
  const values = await Promise.all([get('a', 60), get('b', 10), get('c', 30),
    sleep(20).then(() => order.push('sleep'))]);
  for (let i = 0; i < 20000; i++) Math.random();
  const names = (await codemode.search('gets')).map(tool => tool.name);
  const put = await codemode.put({ values, random, year: new Date().getFullYear() });
  return { started, random, order, values, names, put, ended: Date.now(), more: Math.random(), took: performance.now() };
}`;

const call: ExecuteRequest['call'] = async (name, { ms }) => {
  await new Promise(resolve => setTimeout(resolve, Number(ms ?? 0)));
  return { value: `${name} ${Math.random()}` };
};

describe('a replay', () => {
  let codeMode: CodeMode;
  beforeAll(() => {
    codeMode = createCodeMode();
  });
  afterAll(() => codeMode.close());

  async function record(options: Partial<ExecuteRequest> = {}) {
    const calls: CallRecord[] = [];
    const execution = await codeMode.execute({
      code,
      tools,
      call,
      principal: 'ada',
      onCall: made => calls.push(made),
      ...options,
    });
    return { execution, calls: JSON.parse(JSON.stringify(calls)) };
  }

  const never: ExecuteRequest['call'] = async () => {
    throw new Error('must not be called again');
  };

  it('does exactly the same again, without calling a tool', async () => {
    const { execution, calls } = await record();
    expect(execution.outcome).toBe('ok');
    const recording: Recording = JSON.parse(
      JSON.stringify(execution.recording),
    );
    await new Promise(resolve => setTimeout(resolve, 20));
    const again = await codeMode.execute({
      code,
      tools,
      principal: 'ada',
      call: never,
      replay: { recording, calls },
    });
    expect(again.text).toBe(execution.text);
    expect(again.recording).toEqual(execution.recording);
    expect(again.calls).toMatchObject([
      { isReplayed: true },
      { isReplayed: true },
      { isReplayed: true },
      { isReplayed: true },
    ]);
  });

  it('goes on where the recorded execution was stopped', async () => {
    const abort = new AbortController();
    let stored: Recording | undefined;
    const stopped = await record({
      signal: abort.signal,
      call: async (name, args, context: CallContext) => {
        if (name === 'put') {
          stored = context.recording();
          abort.abort();
          return new Promise(() => {});
        }
        return call(name, args, context);
      },
    });
    expect(stopped.execution.outcome).toBe('cancelled');
    expect(stopped.calls).toHaveLength(3);
    const made: string[] = [];
    const resumed = await record({
      replay: { recording: stored!, calls: stopped.calls },
      call: async (name, args, context) => {
        made.push(name);
        return call(name, args, context);
      },
    });
    expect(resumed.execution.outcome).toBe('ok');
    expect(made).toEqual(['put']);
    expect(resumed.execution.calls.map(c => c.isReplayed ?? false)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('names the call that is another one', async () => {
    const { execution, calls } = await record();
    const changed = calls.map((made: CallRecord) =>
      made.number === 2 ? { ...made, arguments: '{"id":"z"}' } : made,
    );
    const again = await codeMode.execute({
      code,
      tools,
      principal: 'ada',
      call: never,
      replay: { recording: execution.recording, calls: changed },
    });
    expect(again).toMatchObject({
      outcome: 'error',
      error: { name: 'ReplayDivergenceError' },
    });
    expect(again.error?.message).toContain('Call 2 was get({"id":"z"})');
  });

  it('notices other code', async () => {
    const { execution, calls } = await record();
    const replay = { recording: execution.recording, calls };
    for (const other of ['return 1', 'await new Promise(() => {})']) {
      const again = await codeMode.execute({
        code: other,
        tools,
        principal: 'ada',
        call: never,
        replay,
      });
      expect(again).toMatchObject({
        outcome: 'error',
        error: { name: 'ReplayDivergenceError' },
      });
    }
  });

  it('is refused when the tools have changed that the code looked at', async () => {
    const { execution, calls } = await record();
    const again = await codeMode.execute({
      code,
      tools: [...tools, { name: 'new_one', server: 'x' }],
      principal: 'ada',
      call: never,
      replay: { recording: execution.recording, calls },
    });
    expect(again.error?.message).toContain('which have changed');
  });
});
