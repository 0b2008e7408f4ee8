import type { Exchange } from '../requests';
import { FairQueue, Release } from '../upstream';

/** Smaller ones need no turn. */
const SMALL_BYTES = 1024 * 1024;

/** How many large batches are in memory at the same time, of up to `aiProxy.limits.batchBytes` each. */
const MAX_LARGE = 4;

/** What is held of one batch. */
export class HeldBatch {
  readonly #take: () => Release | Promise<Release>;
  #release?: Release;

  constructor(take: () => Release | Promise<Release>) {
    this.#take = take;
  }

  /**
   * Waits for a turn, if so many bytes need one.
   *
   * @throws QueueError when there is none
   */
  async has(bytes: number): Promise<void> {
    if (bytes > SMALL_BYTES && !this.#release) {
      this.#release = await this.#take();
    }
  }

  /** Ends the turn, if there was one. */
  end(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

/** Keeps large batches from filling the memory: so many at a time, callers taking turns. */
export class BatchHolding {
  readonly #queue = new FairQueue({
    max: MAX_LARGE,
    queue: 64,
    queueTimeoutMs: 60_000,
  });

  /** For one batch: takes a turn when it becomes large. */
  begin(exchange: Exchange): HeldBatch {
    return new HeldBatch(() =>
      this.#queue.take(exchange.principal.uuid, listener =>
        exchange.client.onGone(listener),
      ),
    );
  }
}
