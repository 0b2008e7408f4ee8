import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { createCodeMode } from '../index';
import type { ExecuteRequest } from '../index';
import { findProgramFiles } from '../isolation/programFiles';
import { SandboxChild } from '../pool/SandboxChild';
import type { LossReason } from '../pool/SandboxChild';
import { encodeFrame } from '../protocol/frames';

jest.setTimeout(90_000);

describe('the host', () => {
  /** A process that says what a test tells it, in place of a sandbox. */
  function impostor(bytes: Uint8Array) {
    const script = `process.stdout.write(Buffer.from('${Buffer.from(
      bytes,
    ).toString('base64')}', 'base64')); setInterval(() => {}, 1000)`;
    const messages: unknown[] = [];
    const lost: LossReason[] = [];
    const exit = new Promise<LossReason>(resolve => {
      const child = new SandboxChild(
        [process.execPath, '-e', script],
        100_000,
        resolve,
      );
      child.attach(1, {
        cpuMs: 700,
        onMessage: message => messages.push(message),
        onLost: reason => lost.push(reason),
      });
    });
    return { exit, messages, lost };
  }

  it('ends a process that breaks the protocol, or that does not answer', async () => {
    const wrong: [Buffer, LossReason][] = [
      [Buffer.from('not frames at all, but text'), 'violation'],
      [Buffer.from([255, 255, 255, 255, 0]), 'violation'],
      [encodeFrame({ kind: 'surprise' }), 'violation'],
      [encodeFrame({ kind: 'log', id: 7, level: 'log' }), 'violation'],
      [encodeFrame({ kind: 'call', id: 1 }), 'violation'],
      [encodeFrame({ kind: 'pong', number: 99 }), 'unresponsive'],
      [Buffer.from([9, 0, 0, 0]), 'unresponsive'],
    ];
    await Promise.all(
      wrong.map(async ([bytes, reason]) => {
        const { exit, lost, messages } = impostor(bytes);
        expect(await exit).toBe(reason);
        expect(lost).toEqual([reason]);
        expect(messages).toEqual([]);
      }),
    );
  });

  it('survives whatever a process says', async () => {
    const samples = fc.sample(fc.uint8Array({ maxLength: 60 }), 8);
    for (const bytes of samples) {
      expect(['violation', 'unresponsive']).toContain(
        await impostor(bytes).exit,
      );
    }
  });
});

describe('the sandbox process', () => {
  it('ends when the host says what makes no sense', async () => {
    const { entry, wasm } = findProgramFiles();
    const samples = [
      ...fc.sample(fc.uint8Array({ minLength: 12, maxLength: 60 }), 4),
      encodeFrame({ kind: 'surprise' }),
    ];
    for (const bytes of samples) {
      const child = spawn(process.execPath, [
        '--no-warnings',
        entry,
        wasm,
        String(64 * 1024 * 1024),
      ]);
      child.stderr.resume();
      await once(child.stdout, 'data');
      child.stdin.end(bytes);
      const [code] = await once(child, 'exit');
      expect([0, 1]).toContain(code);
    }
  });
});

const KILLS = 15;
const ANSWERS_BETWEEN_KILLS = 10;

describe('processes that die at random', () => {
  const tools = [{ name: 'echo', server: 'x' }];
  const call: ExecuteRequest['call'] = async (_name, args) => {
    await new Promise(resolve => setTimeout(resolve, Math.random() * 20));
    return args;
  };

  it('lose no answer, and cross none', async () => {
    const codeMode = createCodeMode({
      processes: { warm: 3, max: 4, queueMs: 30_000, queue: 1000 },
    });
    const outcomes = { ok: 0, lost: 0 };
    let kills = 0;
    const run = async (principal: string, number: number) => {
      const execution = await codeMode.execute({
        tools,
        call,
        principal,
        code: `const all = [];
          for (let i = 0; i < 3; i++) all.push((await codemode.echo({ of: '${principal} ${number}' })).of);
          return all;`,
      });
      const isOk = execution.outcome === 'ok';
      outcomes[isOk ? 'ok' : 'lost'] += 1;
      const { value, error } = execution;
      expect({ value, error: error?.name }).toEqual(
        isOk
          ? { value: Array.from({ length: 3 }, () => `${principal} ${number}`) }
          : { error: 'SandboxLostError' },
      );
      expect(execution.calls.length).toBeLessThanOrEqual(3);
    };
    const clients = Array.from({ length: 12 }, async (_, client) => {
      for (let number = 0; kills < KILLS; number += 1) {
        await run(`principal ${client % 4}`, client * 10_000 + number);
      }
    });
    const killing = (async () => {
      for (; kills < KILLS; kills += 1) {
        // By work done rather than by time: a slow machine starts processes slowly.
        const enough = outcomes.ok + ANSWERS_BETWEEN_KILLS;
        while (outcomes.ok < enough) {
          await new Promise(resolve => setTimeout(resolve, 5));
        }
        const { pids } = codeMode.health();
        process.kill(-pids[Math.floor(Math.random() * pids.length)], 'SIGKILL');
      }
    })();
    await Promise.all([...clients, killing]);
    expect(outcomes.ok).toBeGreaterThanOrEqual(KILLS * ANSWERS_BETWEEN_KILLS);
    expect(outcomes.lost).toBeGreaterThan(0);
    expect(codeMode.health()).toMatchObject({ executions: 0, waiting: 0 });
    expect(codeMode.health().lost).toEqual({ exited: KILLS });
    await codeMode.close();
  });
});
