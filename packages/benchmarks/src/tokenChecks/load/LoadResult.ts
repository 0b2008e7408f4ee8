import { monitorEventLoopDelay } from 'node:perf_hooks';
import { percentile } from '../../measure';
import { openLoop, Timings } from './openLoop';

const LOOP_RESOLUTION_MS = 5;

/** What one phase found. */
export interface LoadResult {
  /** Checks a second. */
  rate: number;
  /** Checks that let the caller in. */
  checks: number;
  /** Other checks, by what they said. */
  failures: Record<string, number>;
  /** From when each check was due. */
  sinceDueMs: Distribution;
  /** From when each check was started. */
  sinceStartMs: Distribution;
  process: ProcessUse;
}

/** How values are spread, in their own unit. */
export interface Distribution {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** By how much timers of a process were late, in milliseconds. */
export interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

/** What a process used meanwhile. */
export interface ProcessUse {
  loopDelayMs: LoopDelay;
  /** Time on a processor, as a share of the time that passed; 1 is a whole core. */
  cores: number;
  rssMib: number;
}

/** Puts a load on something, and watches this process meanwhile. */
export async function measureLoad(
  options: Parameters<typeof openLoop>[0],
): Promise<LoadResult> {
  const { value: timings, use } = await watchProcess(() => openLoop(options));
  return { ...summarise(options.rate, timings), process: use };
}

/** @param rate - at which the timings were taken, a second */
export function summarise(
  rate: number,
  timings: Timings,
): Omit<LoadResult, 'process'> {
  return {
    rate,
    checks: timings.sinceDueMs.length,
    failures: timings.failures,
    sinceDueMs: distributionOf(timings.sinceDueMs),
    sinceStartMs: distributionOf(timings.sinceStartMs),
  };
}

/** @param values - none give NaN */
export function distributionOf(values: number[]): Distribution {
  const [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1].map(share =>
    values.length ? percentile(values, share) : NaN,
  );
  return { p50, p90, p99, p999, max };
}

/** Watches this process while it does something. */
export async function watchProcess<T>(
  work: () => Promise<T>,
): Promise<{ value: T; use: ProcessUse }> {
  const delays = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delays.enable();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const value = await work();
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  delays.disable();
  // It measures from timer to timer, not from when a timer was due.
  const late = (nanoseconds: number) =>
    Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS);
  return {
    value,
    use: {
      loopDelayMs: {
        p50: late(delays.percentile(50)),
        p99: late(delays.percentile(99)),
        max: late(delays.max),
      },
      cores: (user + system) / 1000 / elapsedMs,
      rssMib: process.memoryUsage.rss() / 2 ** 20,
    },
  };
}
