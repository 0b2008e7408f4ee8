import { createHash } from 'node:crypto';
import { GuardrailsConfigError } from './GuardrailsConfigError';

const HASH_PREFIX = 'sha256:';
const MAX_ENTRIES = 10_000;

/** What an administrator knows to be harmless. */
export class AllowList {
  readonly #exact = new Set<string>();
  readonly #hashes = new Set<string>();

  /** @throws GuardrailsConfigError when an entry is empty or no hash, or there are too many */
  constructor(entries: readonly string[]) {
    if (entries.length > MAX_ENTRIES) {
      throw new GuardrailsConfigError(
        `allow has ${entries.length} entries; the limit is ${MAX_ENTRIES}`,
      );
    }
    entries.forEach((entry, index) => this.#add(entry, index));
  }

  get isEmpty(): boolean {
    return !this.#exact.size && !this.#hashes.size;
  }

  /** @returns true when the text of a find is known to be harmless */
  has(found: string): boolean {
    if (this.#exact.has(found)) {
      return true;
    }
    return (
      this.#hashes.size > 0 &&
      this.#hashes.has(createHash('sha256').update(found).digest('hex'))
    );
  }

  #add(entry: string, index: number) {
    if (typeof entry !== 'string' || entry === '') {
      throw new GuardrailsConfigError(`allow[${index}] is empty`);
    }
    if (!entry.startsWith(HASH_PREFIX)) {
      this.#exact.add(entry);
      return;
    }
    const hash = entry.slice(HASH_PREFIX.length).toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash)) {
      throw new GuardrailsConfigError(
        `allow[${index}] must have 64 hexadecimal digits after ${HASH_PREFIX}`,
      );
    }
    this.#hashes.add(hash);
  }
}
