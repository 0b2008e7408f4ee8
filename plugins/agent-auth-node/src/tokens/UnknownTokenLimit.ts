import type { LoggerService } from '@backstage/backend-plugin-api';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { TooManyRequestsError } from '../challenge/errors';
import { subscriberOf } from '../network';
import type { Timings } from './timings';

/**
 * Different unknown tokens of one address in a minute. So many clients of one
 * office could come back with an old token, and nobody guesses a token so.
 */
const MAX_UNKNOWN = 300;

/** About 200 B each. */
const MAX_COUNTED = 20_000;

/**
 * Bounds how many unknown tokens of one address agent-auth is asked for. Tokens
 * that are known are none of its business, so those who share an address with
 * an attacker go on working; only newcomers have to wait.
 *
 * A token counts when agent-auth has called it unknown, since until then it may
 * be good, and it counts once, or a client that tries its old token every
 * second would keep out its neighbours. How many can be under way before they
 * count is bounded by the queue.
 */
export class UnknownTokenLimit {
  readonly #limiter: RateLimiterMemory;
  readonly #counted: LRUCache<string, true>;
  readonly #logger: LoggerService;

  constructor(options: { timings: Timings; logger: LoggerService }) {
    const { unknownWindowMs } = options.timings;
    this.#limiter = new RateLimiterMemory({
      points: MAX_UNKNOWN,
      duration: unknownWindowMs / 1_000,
    });
    this.#counted = new LRUCache({ max: MAX_COUNTED, ttl: unknownWindowMs });
    this.#logger = options.logger;
  }

  /**
   * To be called before agent-auth is asked for a token of which nothing is known.
   *
   * @param hash - of the token; one that has been counted may be asked for again
   * @param address - where it came from
   * @throws TooManyRequestsError when too many from there were unknown
   */
  async check(hash: string, address: string | undefined): Promise<void> {
    const unknown = await this.#limiter.get(subscriberOf(address));
    if (
      unknown &&
      unknown.msBeforeNext > 0 &&
      unknown.consumedPoints >= MAX_UNKNOWN &&
      !this.#counted.has(hash)
    ) {
      const retryAfterSeconds = Math.ceil(unknown.msBeforeNext / 1_000);
      throw new TooManyRequestsError(
        `Too many unknown tokens came from your address. Keep the token, and try again in ${retryAfterSeconds} s`,
        { retryAfterSeconds },
      );
    }
  }

  /** Counts a token that agent-auth has called unknown. */
  async count(hash: string, address: string | undefined): Promise<void> {
    if (this.#counted.has(hash)) {
      return;
    }
    this.#counted.set(hash, true);
    const subscriber = subscriberOf(address);
    const { consumedPoints } = await this.#limiter.penalty(subscriber);
    if (consumedPoints === MAX_UNKNOWN) {
      this.#logger.warn(
        `${MAX_UNKNOWN} unknown agent tokens came from ${subscriber} within a minute; new tokens from there have to wait. If this is the address of a proxy, name it in backend.trustProxy`,
      );
    }
  }
}
