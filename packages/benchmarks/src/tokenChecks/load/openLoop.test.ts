import { setTimeout as delay } from 'node:timers/promises';
import { openLoop } from './openLoop';

describe('open loop', () => {
  it('counts the wait of runs that were due while the process was busy', async () => {
    const busyMs = 200;
    const { sinceDueMs, sinceStartMs } = await openLoop({
      rate: 100,
      count: 50,
      run: async index => {
        if (index === 10) {
          const until = performance.now() + busyMs;
          while (performance.now() < until);
        }
      },
    });
    // 20 were due in that time; from their start, only one was slow.
    expect(sinceDueMs.filter(ms => ms > 50).length).toBeGreaterThanOrEqual(14);
    expect(sinceStartMs.filter(ms => ms > 50).length).toBe(1);
    expect(Math.max(...sinceDueMs)).toBeGreaterThanOrEqual(busyMs);
  });

  it('starts runs at its rate though none has ended', async () => {
    let running = 0;
    let most = 0;
    const beganAt = performance.now();
    const { sinceStartMs } = await openLoop({
      rate: 200,
      count: 100,
      run: async () => {
        most = Math.max(most, ++running);
        await delay(800);
        running--;
      },
    });
    expect(most).toBe(100);
    expect(sinceStartMs).toHaveLength(100);
    // Half a second of starts, and the last run's end.
    expect(performance.now() - beganAt).toBeGreaterThan(1_250);
  });

  it('measures none of the runs that go before, and none that fail', async () => {
    const started: number[] = [];
    const timings = await openLoop({
      rate: 1_000,
      count: 10,
      unmeasured: 5,
      run: async index => {
        started.push(index);
        if (index % 5 === 4) {
          throw new Error('refused');
        }
      },
    });
    expect(started).toEqual(Array.from({ length: 15 }, (_, index) => index));
    expect(timings.sinceDueMs).toHaveLength(8);
    expect(timings.failures).toEqual({ refused: 3 });
  });
});
