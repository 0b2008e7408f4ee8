/** Tool definitions as they are sent to a process. */
export interface CatalogText {
  /** Of the JSON. */
  hash: string;
  json: string;
}

const KEPT = 4;

/** Which catalogs a process has: the ones that were used last. */
export class RecentCatalogs {
  readonly #hashes = new Set<string>();

  has(hash: string): boolean {
    return this.#hashes.has(hash);
  }

  add(hash: string) {
    this.#hashes.add(hash);
  }

  /** @returns the hashes that the process should forget before it gets this one. */
  use(hash: string): string[] {
    if (this.#hashes.delete(hash)) {
      this.#hashes.add(hash);
      return [];
    }
    const forgotten = [...this.#hashes].slice(
      0,
      Math.max(0, this.#hashes.size - KEPT + 1),
    );
    for (const old of forgotten) {
      this.#hashes.delete(old);
    }
    return forgotten;
  }
}
