/** Which texts a process has, by their hashes: the ones that were used last. */
export class RecentTexts {
  readonly #kept: number;
  readonly #hashes = new Set<string>();

  /** @param kept - how many a process keeps */
  constructor(kept: number) {
    this.#kept = kept;
  }

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
      Math.max(0, this.#hashes.size - this.#kept + 1),
    );
    for (const old of forgotten) {
      this.#hashes.delete(old);
    }
    return forgotten;
  }
}
