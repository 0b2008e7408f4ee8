import { createCodeMode } from '../index';
import type { CodeMode, ExecuteRequest } from '../index';

const tools = [{ name: 'echo', server: 'x' }];
const call: ExecuteRequest['call'] = async (_name, args) => {
  await new Promise(resolve => setTimeout(resolve, 5));
  return args;
};

jest.setTimeout(60_000);

describe('processes', () => {
  let codeMode: CodeMode;
  afterEach(() => codeMode.close());

  const run = (code: string, options: Partial<ExecuteRequest> = {}) =>
    codeMode.execute({ code, tools, call, principal: 'ada', ...options });

  const started = async (processes: number) => {
    codeMode.warm();
    while (codeMode.health().processes < processes) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };

  it('are shared by executions of one principal only; others wait in turn', async () => {
    codeMode = createCodeMode({ processes: { warm: 1, max: 1 } });
    await started(1);
    const order: string[] = [];
    const runs = ['ada', 'ada', 'ada', 'bob', 'cy', 'bob'].map(
      async (principal, index) => {
        const { outcome } = await run(`await sleep(${150 + index})`, {
          principal,
        });
        expect(outcome).toBe('ok');
        order.push(principal);
      },
    );
    expect(codeMode.health()).toMatchObject({ executions: 3, waiting: 3 });
    await Promise.all(runs);
    // Both of bob's share the process, once it is his turn.
    expect(order).toEqual(['ada', 'ada', 'ada', 'bob', 'bob', 'cy']);
    expect(codeMode.health()).toMatchObject({ executions: 0, waiting: 0 });
  });

  it('refuse clearly when too many wait, or wait too long', async () => {
    codeMode = createCodeMode({
      processes: { warm: 1, max: 1, queue: 1, queueMs: 300 },
    });
    await started(1);
    const first = run('await sleep(1000)');
    const second = run('1', { principal: 'bob' });
    await expect(run('1', { principal: 'cy' })).rejects.toThrow(
      '1 executions wait already',
    );
    await expect(second).rejects.toThrow('were busy for 300 ms');
    expect((await first).outcome).toBe('ok');
  });

  it('are kept by whom they served long, and given to nobody else', async () => {
    codeMode = createCodeMode({ processes: { warm: 1, max: 2 } });
    await started(1);
    const [worn] = codeMode.health().pids;
    for (let done = 0; done < 510; done += 1) {
      await run('1');
    }
    await started(2);
    expect(codeMode.health().pids).toContain(worn);
    // Nobody waits for a start: it makes room as soon as others take what is left.
    await expect(run('1', { principal: 'bob' })).resolves.toMatchObject({
      outcome: 'ok',
    });
    while (codeMode.health().pids.includes(worn)) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await expect(run('2')).resolves.toMatchObject({ value: 2 });
  });

  it('leave the queue when they are cancelled', async () => {
    codeMode = createCodeMode({ processes: { warm: 1, max: 1 } });
    await run('1');
    const first = run('await sleep(500)');
    const abort = new AbortController();
    const second = run('1', { principal: 'bob', signal: abort.signal });
    abort.abort();
    expect((await second).outcome).toBe('cancelled');
    expect(codeMode.health().waiting).toBe(0);
    await first;
  });

  it('are replaced when code cannot be stopped, and only that code loses', async () => {
    codeMode = createCodeMode({
      limits: { cpuMs: 300 },
      processes: { warm: 1, max: 1 },
    });
    await started(1);
    const innocent =
      'let n = 0; while (n < 5) { n++; await sleep(20); } return n';
    const before = run(innocent);
    // One search of 10^12 steps, in which the engine asks for no interrupt.
    const culprit = run(
      `await sleep(50); 'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')`,
    );
    await new Promise(resolve => setTimeout(resolve, 150));
    const after = run(innocent);
    expect(await culprit).toMatchObject({
      outcome: 'limit',
      error: { limit: 'cpu' },
    });
    expect(await before).toMatchObject({ outcome: 'ok', value: 5 });
    expect(await after).toMatchObject({ outcome: 'ok', value: 5 });
    expect(codeMode.health().lost).toEqual({ unresponsive: 1 });
  });

  it('are not started where only plain works, unless that is allowed', async () => {
    codeMode = createCodeMode({ isolations: ['plain'] });
    await expect(run('1')).rejects.toThrow('plain: not allowed');
    await codeMode.close();
    const onIsolation = jest.fn();
    codeMode = createCodeMode({
      isolations: ['plain'],
      allowPlain: true,
      onIsolation,
    });
    expect(await run('1')).toMatchObject({ value: 1 });
    expect(onIsolation.mock.calls).toEqual([['plain', []]]);
    expect(codeMode.health().isolation).toBe('plain');
  });

  it.each(['bwrap', 'unshare-user', 'unshare-root'] as const)(
    'work in isolation by %s where the machine has it',
    async isolation => {
      codeMode = createCodeMode({ isolations: [isolation] });
      const answer = await run('1').then(
        ({ value }) => [value, codeMode.health().isolation],
        error => error.message.slice(0, 40),
      );
      expect([
        [1, isolation],
        `No sandbox can be started. ${isolation}: `.slice(0, 40),
      ]).toContainEqual(
        typeof answer === 'string'
          ? answer.slice(0, `No sandbox can be started. ${isolation}: `.length)
          : answer,
      );
    },
  );

  it('end with close, and nothing runs any more', async () => {
    codeMode = createCodeMode();
    const running = run('await sleep(5000)');
    await new Promise(resolve => setTimeout(resolve, 1500));
    await codeMode.close();
    expect(await running).toMatchObject({ outcome: 'error' });
    await expect(run('1')).rejects.toThrow('was closed');
  });
});
