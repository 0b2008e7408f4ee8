/** For all names that come after there are too many: no name of a client, by its form. */
export const OTHER_NAME = '_OTHER';

/** Keeps names that clients may choose from becoming any number of time series. */
export class BoundedNames {
  readonly #names = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The name itself while there are few of them. */
  of(name: string): string {
    if (this.#names.has(name)) {
      return name;
    }
    if (this.#names.size >= this.#limit) {
      return OTHER_NAME;
    }
    this.#names.add(name);
    return name;
  }
}
