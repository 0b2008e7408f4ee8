import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import { UpstreamError } from './errors';

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
      policy = circuitBreaker(handleWhen(isServersFault), {
        halfOpenAfter: HALF_OPEN_AFTER_MS,
        breaker: new ConsecutiveBreaker(FAILURES),
      });
      this.#policies.set(server, policy);
    }
    return policy;
  }
}

function isServersFault(error: unknown): boolean {
  return (
    error instanceof UpstreamError &&
    (error.failure === 'unreachable' || error.failure === 'timeout')
  );
}
