import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 120_000;
const INTERVAL_MS = 1_000;

/**
 * Does something again and again until it succeeds.
 *
 * @throws Error what failed last, after two minutes
 */
export async function untilSuccess<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await delay(INTERVAL_MS);
    }
  }
}
