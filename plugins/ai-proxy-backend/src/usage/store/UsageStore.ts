import type { StorableEvent } from './EventRow';

/** Keeps events, and what they add up to. */
export interface UsageStore {
  /**
   * Stores events, all or none; those whose id is stored already are left out, so that
   * it may be tried again when its end is unknown.
   *
   * @returns how many were new
   * @throws UnstorableError when the database refuses what is in them, and would again
   */
  write(events: readonly StorableEvent[]): Promise<number>;
}
