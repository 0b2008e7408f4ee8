import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createCodeMode } from '../index';
import type { CodeMode } from '../index';
import { hostileSnippets } from './hostileSnippets';
import { callHostileTool, hostileTools } from './hostileTools';

const CPU_MS = 250;
const WALL_MS = 1200;
const GRACE_MS = 500;

/** 99 of 100 timers of the host are later by no more than this. */
const LATE_MS = 100;
/** For one snippet there are few timers, and other processes want the cores as well. */
const LATE_ONCE_MS = 400;

jest.setTimeout(120_000);

describe('hostile snippets', () => {
  let codeMode: CodeMode;
  const delayOfAll = monitorEventLoopDelay({ resolution: 1 });

  beforeAll(async () => {
    codeMode = createCodeMode({
      limits: { cpuMs: CPU_MS, wallMs: WALL_MS },
      processes: { warm: 4 },
    });
    await neighbour(0);
    delayOfAll.enable();
  });

  afterAll(() => codeMode.close());

  /** An innocent execution of somebody else, with calls in a row. */
  async function neighbour(seed: number) {
    const execution = await codeMode.execute({
      principal: 'neighbour',
      tools: hostileTools,
      call: callHostileTool,
      code: `let sum = 0;
        for (let i = 0; i < 5; i++) {
          sum += (await codemode.safe_echo({ i: i + ${seed} })).i;
          await sleep(20);
        }
        return sum;`,
    });
    expect(execution).toMatchObject({ outcome: 'ok', value: 10 + 5 * seed });
  }

  it('are many', () => {
    expect(hostileSnippets.length).toBeGreaterThanOrEqual(60);
    const names = new Set(hostileSnippets.map(({ name }) => name));
    expect(names.size).toBe(hostileSnippets.length);
  });

  it.each(hostileSnippets.map((snippet, index) => ({ ...snippet, index })))(
    'harm nobody: $name',
    async ({ code, outcomes, limit, value, index }) => {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const bystander = neighbour(index);
      const startedAt = performance.now();
      const execution = await codeMode.execute({
        principal: 'attacker',
        tools: hostileTools,
        call: callHostileTool,
        code,
      });
      const tookMs = performance.now() - startedAt;
      await bystander;
      delay.disable();

      expect(outcomes).toContain(execution.outcome);
      const hit = execution.outcome === 'limit' && execution.error?.limit;
      expect(limit && hit ? limit.split('|') : [hit]).toContain(hit);
      expect(execution).toMatchObject(value === undefined ? {} : { value });
      expect(execution.calls.length).toBeLessThanOrEqual(100);
      expect(JSON.stringify(execution).length).toBeLessThan(100_000);
      expect(execution.text?.length ?? 0).toBeLessThanOrEqual(24_000);
      expect(tookMs).toBeLessThan(WALL_MS + GRACE_MS);
      expect(delay.percentile(99) / 1e6).toBeLessThan(LATE_ONCE_MS);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();

      const next = await codeMode.execute({
        principal: 'attacker',
        tools: hostileTools,
        call: callHostileTool,
        code: `return (await codemode.safe_echo({ n: ${index} })).n`,
      });
      expect(next).toMatchObject({ outcome: 'ok', value: index });
    },
  );

  it('leave the event loop of the host to others', () => {
    delayOfAll.disable();
    expect(delayOfAll.percentile(99) / 1e6).toBeLessThan(LATE_MS);
  });
});
