import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts the requests of each network address in this process. */
export class AddressLimit {
  readonly #requests: RateLimiterMemory;

  constructor(options: { requestsPerMinute: number }) {
    this.#requests = new RateLimiterMemory({
      points: options.requestsPerMinute,
      duration: 60,
    });
  }

  /** @returns seconds to wait, or undefined when the request may go on */
  async take(address: string | undefined): Promise<number | undefined> {
    try {
      await this.#requests.consume(networkOf(address));
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
      throw refusal;
    }
  }
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string | undefined): string {
  if (!address || !ipaddr.isValid(address)) {
    return 'unknown';
  }
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6'
    ? parsed.toByteArray().slice(0, 8).join('.')
    : parsed.toString();
}
