import { LRUCache } from 'lru-cache';
import type { Caller } from '../callers/Caller';

/** Whoever is refused can come again as fast as the network lets them, and must not fill the trail. */
const QUIET_MS = 60_000;

/** Refusals that are remembered. */
const REMEMBERED = 10_000;

/** Lets one record through, in a minute, of those that tell the same of a caller. */
export class RefusalThrottle {
  readonly #recent = new LRUCache<string, true>({
    max: REMEMBERED,
    ttl: QUIET_MS,
  });

  /**
   * Records a refusal, unless that was done a moment ago. Of who comes without a
   * token, an address is all that is known: there is no record of them.
   *
   * @param record - that the caller was refused for this; when it fails, the next one is due
   * @throws whatever `record` does
   */
  async once(
    refusal: { stage: string; portal: string; caller: Caller },
    record: () => Promise<void>,
  ): Promise<void> {
    const { stage, portal, caller } = refusal;
    const key = JSON.stringify([stage, portal, caller.uuid]);
    if (caller.kind === 'anonymous' || this.#recent.has(key)) {
      return;
    }
    this.#recent.set(key, true);
    try {
      await record();
    } catch (error) {
      this.#recent.delete(key);
      throw error;
    }
  }
}
