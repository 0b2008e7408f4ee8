import { RefusedError } from '../wire';

/** What one request takes of the room. */
export interface HeldRoom {
  /** @throws RefusedError when there is no more room */
  take(bytes: number): void;
  /** Gives all of it back. */
  release(): void;
}

/**
 * How much of requests may be in memory at the same time, in each replica: they
 * are read whole, and many large ones would take all that there is.
 */
export class BodyRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins to take room. */
  hold(): HeldRoom {
    let held = 0;
    return {
      take: bytes => {
        if (this.#bytes + bytes > this.#maxBytes) {
          throw new RefusedError({
            status: 503,
            reason: 'busy',
            message:
              'Too much is being asked at the same time. Try again in a moment',
            retryAfterSeconds: 1,
          });
        }
        this.#bytes += bytes;
        held += bytes;
      },
      release: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}
