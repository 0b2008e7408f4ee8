import { LRUCache } from 'lru-cache';

/**
 * How long an entity is believed when the catalog does not answer: a restart
 * of the catalog stops nobody, and who has left is not let in for much longer.
 */
const MAX_AGE_WITHOUT_CATALOG_MS = 15 * 60_000;

/** A new user need not wait for long, and a client of one who has left asks the catalog seldom enough. */
const MAX_AGE_OF_ABSENCE_MS = 5_000;

/** About 20 MB; what does not fit is read more often. */
const MAX_ENTITIES = 20_000;

interface Kept<T> {
  /** Undefined for an entity that does not exist. */
  value?: T;
  readAt: number;
}

/** Keeps what is needed of each entity for a minute. */
export class EntityCache<T> {
  readonly #read: (entityRef: string) => Promise<T | undefined>;
  readonly #kept = new LRUCache<string, Kept<T>>({ max: MAX_ENTITIES });
  readonly #reading = new Map<string, Promise<Kept<T>>>();
  readonly #maxAgeMs: number;

  /**
   * @param options.read - reads an entity: undefined for one that does not exist; rejects when it cannot tell
   * @param options.maxAgeMs - how long an entity's absence or new team may go unnoticed
   */
  constructor(options: {
    read: (entityRef: string) => Promise<T | undefined>;
    maxAgeMs: number;
  }) {
    this.#read = options.read;
    this.#maxAgeMs = options.maxAgeMs;
  }

  /**
   * What was read of an entity, at most `maxAgeMs` ago.
   *
   * @param entityRef - full, in lower case
   * @returns undefined when the entity does not exist
   * @throws what `read` does, unless it succeeded in the last 15 minutes
   */
  async get(entityRef: string): Promise<T | undefined> {
    const kept = this.#kept.get(entityRef);
    const ageMs = kept ? Date.now() - kept.readAt : Infinity;
    if (kept && ageMs < this.#maxAgeOf(kept)) {
      // An entity in use is read again before, so that callers need not wait.
      if (ageMs >= this.#maxAgeMs / 2) {
        // A failure shows once what is kept is too old.
        this.#refresh(entityRef).catch(() => {});
      }
      return kept.value;
    }
    try {
      return (await this.#refresh(entityRef)).value;
    } catch (error) {
      if (kept?.value && ageMs < MAX_AGE_WITHOUT_CATALOG_MS) {
        return kept.value;
      }
      throw error;
    }
  }

  /** Concurrent calls for one entity share a read. */
  #refresh(entityRef: string): Promise<Kept<T>> {
    let reading = this.#reading.get(entityRef);
    if (!reading) {
      reading = this.#load(entityRef).finally(() =>
        this.#reading.delete(entityRef),
      );
      this.#reading.set(entityRef, reading);
    }
    return reading;
  }

  async #load(entityRef: string): Promise<Kept<T>> {
    // Before reading: what changes meanwhile must not count as seen.
    const readAt = Date.now();
    const kept = { value: await this.#read(entityRef), readAt };
    this.#kept.set(entityRef, kept);
    return kept;
  }

  #maxAgeOf(kept: Kept<T>): number {
    return kept.value
      ? this.#maxAgeMs
      : Math.min(this.#maxAgeMs, MAX_AGE_OF_ABSENCE_MS);
  }
}
