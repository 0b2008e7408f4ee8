import { LRUCache } from 'lru-cache';
import type { PromptPart } from './PromptPart';

/** Of some thousand conversations; each takes a few hundred bytes. */
const MAX_PARTS = 50_000;

/** What was found out about parts of prompts. */
export class PartMemory<T extends {}> {
  readonly #found = new LRUCache<string, T>({ max: MAX_PARTS });

  find({ digest }: PromptPart): T | undefined {
    return digest === undefined ? undefined : this.#found.get(digest);
  }

  remember({ digest }: PromptPart, found: T): void {
    if (digest !== undefined) {
      this.#found.set(digest, found);
    }
  }
}
