import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts each caller's requests in a window, in this process. */
export class RateLimit {
  readonly #limiter: RateLimiterMemory;

  constructor(options: { requests: number; window: HumanDuration }) {
    this.#limiter = new RateLimiterMemory({
      points: options.requests,
      duration: durationToMilliseconds(options.window) / 1000,
    });
  }

  /**
   * Counts a request.
   *
   * @returns undefined when it may proceed, else the seconds to wait
   */
  async take(caller: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(caller);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
      throw refusal;
    }
  }
}
