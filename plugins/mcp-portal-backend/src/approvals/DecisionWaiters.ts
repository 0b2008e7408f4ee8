import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import type { Approval } from '@prompt-corner/plugin-mcp-portal-common';
import type { ApprovalStore } from './ApprovalStore';

/** How soon a decision on another replica is noticed at first; people take seconds. */
const FIRST_INTERVAL_MS = 250;

/** And later, when they take minutes. */
const LAST_INTERVAL_MS = 2_000;

const BACK_OFF = 1.5;

interface Waiter {
  resolve(approval: Approval): void;
  reject(error: Error): void;
}

/**
 * Waits for decisions, made here or on any replica. One loop asks the database
 * for everything that somebody in this process waits for.
 */
export class DecisionWaiters {
  readonly #store: Pick<ApprovalStore, 'statesOf' | 'getMany'>;
  readonly #logger: LoggerService;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #intervalMs = FIRST_INTERVAL_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: {
    store: Pick<ApprovalStore, 'statesOf' | 'getMany'>;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#logger = options.logger;
  }

  /**
   * Resolves when a request is no longer pending.
   *
   * @throws NotFoundError when there is no such request
   * @throws the reason of the signal when it is aborted
   * @throws ServiceUnavailableError when this process stops
   */
  async wait(id: string, signal?: AbortSignal): Promise<Approval> {
    signal?.throwIfAborted();
    if (this.#stopped) {
      throw stopping();
    }
    let abort = () => {};
    const decided = new Promise<Approval>((resolve, reject) => {
      const waiter = { resolve, reject };
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters.add(waiter));
      abort = () => {
        this.#remove(id, waiter);
        reject(signal?.reason);
      };
    });
    signal?.addEventListener('abort', abort, { once: true });
    // Only now, so that nothing decided meanwhile is missed.
    this.#pollIn(0);
    this.#intervalMs = FIRST_INTERVAL_MS;
    try {
      return await decided;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Tells those who wait for it here. */
  wake(approval: Approval): void {
    if (approval.state === 'pending') {
      return;
    }
    const waiters = this.#waiters.get(approval.id);
    this.#waiters.delete(approval.id);
    waiters?.forEach(waiter => waiter.resolve(approval));
  }

  /** Refuses those who wait, and whoever comes. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const id of [...this.#waiters.keys()]) {
      this.#refuse(id, stopping());
    }
  }

  #pollIn(milliseconds: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), milliseconds);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    const ids = [...this.#waiters.keys()];
    if (!ids.length || this.#stopped) {
      return;
    }
    try {
      const states = await this.#store.statesOf(ids);
      for (const id of ids.filter(asked => !states.has(asked))) {
        this.#refuse(id, new NotFoundError(`There is no approval ${id}`));
      }
      const ended = ids.filter(
        id => (states.get(id) ?? 'pending') !== 'pending',
      );
      const approvals = await this.#store.getMany(ended);
      approvals.forEach(approval => this.wake(approval));
    } catch (error) {
      // Whoever waits has a deadline of their own; the database may be back before it.
      this.#logger.warn(
        'Approvals could not be read. Calls that wait for one keep waiting',
        error as Error,
      );
    }
    if (this.#waiters.size && !this.#stopped) {
      this.#pollIn(this.#intervalMs);
      this.#intervalMs = Math.min(
        this.#intervalMs * BACK_OFF,
        LAST_INTERVAL_MS,
      );
    }
  }

  #refuse(id: string, error: Error) {
    const waiters = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiters?.forEach(waiter => waiter.reject(error));
  }

  #remove(id: string, waiter: Waiter) {
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (!waiters?.size) {
      this.#waiters.delete(id);
    }
  }
}

function stopping() {
  return new ServiceUnavailableError('The portal is stopping. Try again');
}
