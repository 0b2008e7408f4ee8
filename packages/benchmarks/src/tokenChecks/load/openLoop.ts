/** How long each run took, and what failed. */
export interface Timings {
  /** Milliseconds from when each run was due, so that waiting for its turn counts. */
  sinceDueMs: number[];
  /** Milliseconds from when each run was started. */
  sinceStartMs: number[];
  /** How many runs failed, by the message of the error. They have no times. */
  failures: Record<string, number>;
}

/**
 * Starts runs at a constant rate, whether or not earlier ones have ended, as
 * many callers who know nothing of each other would. One that starts late
 * because the process was busy has its delay counted: otherwise a pause of a
 * second would show as one slow run, though a thousand callers waited.
 *
 * Timers wake up late by up to a millisecond, which counts too.
 *
 * @param options.rate - runs a second
 * @param options.count - how many are measured
 * @param options.unmeasured - how many go before those
 */
export async function openLoop(options: {
  rate: number;
  count: number;
  unmeasured?: number;
  run: (index: number) => Promise<void>;
}): Promise<Timings> {
  const { rate, count, unmeasured = 0, run } = options;
  const total = unmeasured + count;
  const intervalMs = 1000 / rate;
  const timings: Timings = { sinceDueMs: [], sinceStartMs: [], failures: {} };
  const running = new Set<Promise<void>>();
  const beganAt = performance.now();

  const start = async (index: number) => {
    const startedAt = performance.now();
    try {
      await run(index);
      if (index >= unmeasured) {
        const endedAt = performance.now();
        timings.sinceDueMs.push(endedAt - beganAt - index * intervalMs);
        timings.sinceStartMs.push(endedAt - startedAt);
      }
    } catch (error) {
      const { message } = error as Error;
      timings.failures[message] = (timings.failures[message] ?? 0) + 1;
    }
  };

  let next = 0;
  while (next < total) {
    const elapsedMs = performance.now() - beganAt;
    for (; next < total && next * intervalMs <= elapsedMs; next++) {
      const started = start(next);
      running.add(started);
      started.finally(() => running.delete(started));
    }
    const pauseMs = next * intervalMs - (performance.now() - beganAt);
    await new Promise(resolve => setTimeout(resolve, Math.max(0, pauseMs)));
  }
  await Promise.all(running);
  return timings;
}
