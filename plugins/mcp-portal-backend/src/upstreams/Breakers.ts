import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import { UpstreamError, UpstreamFailure } from './errors';

/** Failures in a row after which a server is left alone. */
const FAILURES = 5;

/** For how long, before one call tries again. */
const HALF_OPEN_AFTER_MS = 15_000;

/**
 * Leaves servers alone that failed several times in a row, each for itself.
 * What a server says about a call is no failure of the server.
 */
export class Breakers {
  readonly #policies = new Map<string, CircuitBreakerPolicy>();

  /**
   * @param server - key of the server
   * @param name - for the error
   * @throws UpstreamError `open` when the server is left alone
   */
  async run<T>(
    server: string,
    name: string,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#policyOf(server).execute(work);
    } catch (error) {
      throw error instanceof BrokenCircuitError
        ? new UpstreamError(name, 'open')
        : error;
    }
  }

  #policyOf(server: string): CircuitBreakerPolicy {
    let policy = this.#policies.get(server);
    if (!policy) {
      policy = circuitBreaker(handleWhen(isDown), {
        halfOpenAfter: HALF_OPEN_AFTER_MS,
        breaker: new ConsecutiveBreaker(FAILURES),
      });
      this.#policies.set(server, policy);
    }
    return policy;
  }
}

/** Of a server that is down. What it refuses to one user, it may do for others. */
const DOWN: ReadonlySet<UpstreamFailure> = new Set([
  'unreachable',
  'timeout',
  'protocol',
]);

function isDown(error: unknown): boolean {
  return error instanceof UpstreamError && DOWN.has(error.failure);
}
