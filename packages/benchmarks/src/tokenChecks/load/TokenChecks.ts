import {
  AgentAuthenticationError,
  AgentAuthService,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';
import type { GrantPool } from './GrantPool';
import { LoadResult, measureLoad } from './LoadResult';
import { Revocations, revokeSteadily } from './revokeSteadily';

const SCOPES = ['catalog:read'];

/** How many tokens are asked for together while nothing is measured. */
const BATCH_SIZE = 100;

/** Checks tokens in the process that serves a resource, as many callers of it would have it do. */
export class TokenChecks {
  readonly #agentAuth: AgentAuthService;
  readonly #pool: GrantPool;
  readonly #audience: string;
  /** When the first token was checked, as in `performance.now()`. */
  #beganAt: number | undefined;

  constructor(options: {
    agentAuth: AgentAuthService;
    pool: GrantPool;
    audience: string;
  }) {
    this.#agentAuth = options.agentAuth;
    this.#pool = options.pool;
    this.#audience = options.audience;
  }

  /** Checks the token of a request. */
  async check(request: Request): Promise<void> {
    await this.#agentAuth.authenticate(request, {
      audience: this.#audience,
      scopes: SCOPES,
    });
  }

  /** Uses every token for the first time, in random order. */
  async firstUses(like: Request, rate: number): Promise<LoadResult> {
    this.#beganAt = performance.now();
    const grants = this.#pool.shuffled();
    return measureLoad({
      rate,
      count: grants.length,
      run: index => this.#check(like, grants[index].token),
    });
  }

  /**
   * Makes every token known.
   *
   * @throws whatever a check does
   */
  async warmUp(like: Request): Promise<void> {
    const grants = this.#pool.shuffled();
    while (grants.length) {
      await Promise.all(
        grants
          .splice(0, BATCH_SIZE)
          .map(({ token }) => this.#check(like, token)),
      );
    }
  }

  /**
   * Uses tokens at random.
   *
   * @param options.afterMs - of the time since the first use, before which
   *   nothing is measured, though the load is the same
   */
  async uses(
    like: Request,
    options: { rate: number; seconds: number; afterMs?: number },
  ): Promise<LoadResult> {
    const { rate, seconds, afterMs = 0 } = options;
    const sinceBeginMs = performance.now() - (this.#beganAt ?? 0);
    const leadMs = Math.max(0, afterMs - sinceBeginMs);
    return measureLoad({
      rate,
      count: Math.round(rate * seconds),
      unmeasured: Math.round((rate * leadMs) / 1000),
      run: () => this.#check(like, this.#pool.draw().token),
    });
  }

  /**
   * Uses tokens at random while connections of others are revoked.
   *
   * @param options.revocationRate - a second
   * @param options.revoke - revokes a connection
   */
  async usesDuringRevocations(
    like: Request,
    options: {
      rate: number;
      seconds: number;
      revocationRate: number;
      revoke: (connectionId: string) => Promise<void>;
    },
  ): Promise<{ load: LoadResult; revocations: Revocations }> {
    const { rate, seconds, revocationRate, revoke } = options;
    const [load, revocations] = await Promise.all([
      this.uses(like, { rate, seconds }),
      revokeSteadily({
        rate: revocationRate,
        count: Math.round(revocationRate * seconds),
        take: () => this.#pool.take(),
        isLetIn: token => this.#isLetIn(like, token),
        revoke,
      }),
    ]);
    return { load, revocations };
  }

  async #isLetIn(like: Request, token: string): Promise<boolean> {
    try {
      await this.#check(like, token);
      return true;
    } catch (error) {
      if (error instanceof AgentAuthenticationError) {
        return false;
      }
      throw error;
    }
  }

  /** A request as the given one, which came over the network, but with another token. */
  #check(like: Request, token: string): Promise<void> {
    const request: Request = Object.create(like, {
      headers: {
        value: {
          authorization: `Bearer ${token}`,
          'user-agent': 'token-checks',
        },
      },
    });
    return this.check(request);
  }
}
