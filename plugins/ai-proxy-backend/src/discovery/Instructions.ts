import { createHash } from 'node:crypto';
import {
  AgentConfigLayer,
  ClientUrls,
  fillPlaceholders,
  SOURCE_LIMITS,
} from '@prompt-corner/agent-config';
import { LRUCache } from 'lru-cache';

/** Where instructions are, below the AI proxy. */
export const INSTRUCTIONS_PATH = '/discovery/instructions';

/** Of current and former versions; a session that has begun still asks for its own. */
const KEPT = 2 * SOURCE_LIMITS.files;

/**
 * Instructions, which OpenCode gets by URL and without a token. The URL has the
 * digest of the text: it changes with it, and nobody finds that of a team who
 * does not know what it says.
 */
export class Instructions {
  readonly #urls: ClientUrls;
  readonly #texts = new LRUCache<string, string>({ max: KEPT });

  constructor(urls: ClientUrls) {
    this.#urls = urls;
  }

  /** Makes those of a layer available, and returns their URLs. */
  publish({ instructions }: AgentConfigLayer): string[] {
    return instructions.map(({ name, text }) => {
      const filled = fillPlaceholders(text, this.#urls);
      const digest = createHash('sha256')
        .update(filled)
        .digest('base64url')
        .slice(0, 32);
      const path = `${digest}/${name}.md`;
      this.#texts.set(path, filled);
      return `${this.#urls.baseURL}${INSTRUCTIONS_PATH}/${path}`;
    });
  }

  /** @param path - `<digest>/<name>.md` */
  text(path: string): string | undefined {
    return this.#texts.get(path);
  }
}
