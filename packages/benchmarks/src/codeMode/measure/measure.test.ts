import { spawn } from 'node:child_process';
import { ProcessTrees } from '../../children/ProcessTrees';
import type { Contender, ContenderName } from '../contenders/Contender';
import { takeTools } from '../contenders/tools';
import { TRIVIAL } from '../snippets';
import { measureLatency } from './measureLatency';
import { measureStart } from './measureStart';
import { measureThroughput } from './measureThroughput';

const contender = (
  name: ContenderName,
  run: Contender['run'],
  stop = async () => {},
): Contender => ({
  name,
  version: '1',
  run,
  use: () => ({ cpuMs: 5, memoryMib: 7 }),
  stop,
});

const soon = <T>(value: T) =>
  new Promise<T>(resolve => setImmediate(() => resolve(value)));

describe('measuring', () => {
  it('lets contenders run in turns, and compares what they answer', async () => {
    const order: string[] = [];
    const answering = (name: ContenderName, answer: number) =>
      contender(name, async () => {
        order.push(name);
        return answer;
      });
    const own = answering('prompt-corner', 2);
    const found = await measureLatency({
      contenders: [own, answering('workerd', 2)],
      snippet: TRIVIAL,
      rounds: 4,
    });
    expect(found.map(each => each.contender)).toEqual([
      'prompt-corner',
      'workerd',
    ]);
    expect(order.slice(0, 4)).toEqual([
      ...['prompt-corner', 'workerd'],
      ...['workerd', 'prompt-corner'],
    ]);
    await expect(
      measureLatency({
        contenders: [own, answering('workerd', 3)],
        snippet: TRIVIAL,
        rounds: 4,
      }),
    ).rejects.toThrow('differently: 2 and 3');
  });

  it('keeps as many running as the load says, of so many users, and counts failures', async () => {
    let running = 0;
    let most = 0;
    const users = new Set<string>();
    const own = contender('prompt-corner', async (_code, user) => {
      users.add(user);
      running += 1;
      most = Math.max(most, running);
      await soon(1);
      running -= 1;
    });
    const failing = contender('workerd', async () => {
      await soon(1);
      throw new Error('full');
    });
    const [well, badly] = await measureThroughput({
      contenders: [own, failing],
      loads: [{ snippet: TRIVIAL, atOnce: 8, users: 4 }],
      seconds: 0.1,
    });
    expect(most).toBe(8);
    expect(users.size).toBe(4);
    expect(well).toMatchObject({ atOnce: 8, failures: {}, memoryMib: 7 });
    expect(well.perSecond).toBeGreaterThan(0);
    expect(badly.perSecond).toBe(0);
    expect(badly.failures.full).toBeGreaterThan(0);
  });

  it('stops what it started, also when it does not work', async () => {
    const stop = jest.fn();
    const broken = contender(
      'workerd',
      async () => {
        throw new Error('broken');
      },
      stop,
    );
    await expect(
      measureStart({ starters: [async () => broken], times: 3 }),
    ).rejects.toThrow('broken');
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it('reads what processes below a process use, and remembers those that ended', async () => {
    const script = 'setInterval(() => { for (let i = 0; i < 1e7; i++); }, 1)';
    const shell = spawn(
      'sh',
      ['-c', `"${process.execPath}" -e "${script}"; true`],
      { detached: true },
    );
    const trees = new ProcessTrees(() => [shell.pid!]);
    try {
      while (trees.use().cpuMs < 50 || trees.use().memoryMib < 10) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    } finally {
      const { cpuMs } = trees.use();
      process.kill(-shell.pid!, 'SIGKILL');
      await new Promise(resolve => shell.on('exit', resolve));
      expect(trees.use().cpuMs).toBeGreaterThanOrEqual(cpuMs);
      expect(trees.use().memoryMib).toBe(0);
      trees.stop();
    }
  });
});

describe('tools of a recording', () => {
  const server = (name: string, tools: string[]) => ({
    name,
    package: name,
    version: '1',
    licence: 'MIT',
    copyright: [],
    recordedOn: '2026-11-21',
    tools: tools.map(tool => ({ name: tool, inputSchema: {} })),
  });

  it('are taken in order, under names that code can call', () => {
    const servers = [server('a', ['get-x', 'b']), server('c', ['d'])];
    const names = takeTools(servers, 3).map(tool => tool.name);
    expect(names).toEqual(['a_get_x', 'a_b', 'c_d']);
    expect(takeTools(servers, 1)).toMatchObject([{ server: 'a' }]);
    expect(() => takeTools(servers, 4)).toThrow('Only 3 tools');
  });
});
