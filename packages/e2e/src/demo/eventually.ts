import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 200;

/**
 * Asks until the answer is the wanted one.
 *
 * @param ask - may throw, which counts as no answer yet
 * @param options.what - what is waited for, for the error
 * @returns the first answer that is wanted
 * @throws Error when there is none within the time
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  options: {
    what: string;
    isWanted: (answer: T) => boolean;
    timeoutMs: number;
  },
): Promise<T> {
  const { what, isWanted, timeoutMs } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await ask();
      if (isWanted(answer)) {
        return answer;
      }
      last = JSON.stringify(answer);
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `No ${what} within ${timeoutMs} ms; the last was ${last}`,
      );
    }
    await sleep(POLL_INTERVAL_MS);
  }
}
