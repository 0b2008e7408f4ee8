import type { LoggerService } from '@backstage/backend-plugin-api';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import { MAX_REPORTED_USES } from '../internal/protocol';
import type { Timings } from '../tokens';

const MAX_USER_AGENT_LENGTH = 256;

interface Use {
  /** Milliseconds since the epoch. */
  atMs: number;
  address?: string;
  userAgent?: string;
}

/**
 * Tells agent-auth when each connection was last used, so that users see it
 * and unused ones can be found. A report that fails is lost: the next use
 * makes it good.
 */
export class UseReporter {
  readonly #intervalMs: number;
  readonly #logger: LoggerService;
  #uses = new Map<string, Use>();
  #backend: AgentAuthBackend | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: { timings: Timings; logger: LoggerService }) {
    this.#intervalMs = options.timings.usesMs;
    this.#logger = options.logger;
  }

  /**
   * Notes a use; only the last one of each connection is reported.
   *
   * @param backend - to report to
   */
  record(
    use: { connectionId: string; address?: string; userAgent?: string },
    backend: AgentAuthBackend,
  ): void {
    if (this.#stopped) {
      return;
    }
    this.#backend = backend;
    this.#uses.set(use.connectionId, {
      atMs: Date.now(),
      address: use.address,
      userAgent: use.userAgent?.slice(0, MAX_USER_AGENT_LENGTH),
    });
    if (!this.#timer) {
      this.#timer = setTimeout(() => this.#report(), this.#intervalMs);
      this.#timer.unref();
    }
  }

  /** Reports what is left, and takes no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#report();
  }

  async #report(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = Array.from(this.#uses, ([connectionId, use]) => ({
      connectionId,
      at: new Date(use.atMs).toISOString(),
      address: use.address,
      userAgent: use.userAgent,
    }));
    this.#uses = new Map();
    try {
      while (uses.length > 0) {
        await this.#backend!.reportUses(uses.splice(0, MAX_REPORTED_USES));
      }
    } catch (error) {
      this.#logger.debug(`Could not report uses of connections: ${error}`);
    }
  }
}
