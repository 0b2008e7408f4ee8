import { setTimeout as delay } from 'node:timers/promises';
import type { Grant } from '../grants';
import { openLoop } from './openLoop';

const POLL_MS = 50;

/** Three times what is promised, so that a miss is seen for what it is. */
const GIVE_UP_AFTER_MS = 15_000;

/** How revocations went. */
export interface Revocations {
  /** Milliseconds from sending each revocation until the token was refused, by at most 50 ms too long. */
  refusedAfterMs: number[];
  /** Whose revocation failed, or whose token was still let in after 15 s, by what happened. */
  failures: Record<string, number>;
}

/**
 * Revokes connections at a constant rate, and measures until when each token is
 * let in. Each is let in once before, so that it is known here.
 *
 * @param options.take - a grant that nobody else uses
 * @param options.isLetIn - checks a token
 * @param options.revoke - revokes a connection
 */
export async function revokeSteadily(options: {
  rate: number;
  count: number;
  take: () => Grant;
  isLetIn: (token: string) => Promise<boolean>;
  revoke: (connectionId: string) => Promise<void>;
}): Promise<Revocations> {
  const { rate, count, take, isLetIn, revoke } = options;
  const refusedAfterMs: number[] = [];
  const { failures } = await openLoop({
    rate,
    count,
    run: async () => {
      const { connectionId, token } = take();
      if (!(await isLetIn(token))) {
        throw new Error('refused before it was revoked');
      }
      const sentAt = performance.now();
      await revoke(connectionId);
      while (await isLetIn(token)) {
        if (performance.now() - sentAt > GIVE_UP_AFTER_MS) {
          throw new Error('let in for too long');
        }
        await delay(POLL_MS);
      }
      refusedAfterMs.push(performance.now() - sentAt);
    },
  });
  return { refusedAfterMs, failures };
}
