import { Grant, grantAt } from '../grants';

/** Grants that have not been revoked. */
export class GrantPool {
  readonly #grants: Grant[];

  /** @param count - how many grants the run began with */
  constructor(seed: string, count: number) {
    this.#grants = Array.from({ length: count }, (_, index) =>
      grantAt(seed, index),
    );
  }

  get size(): number {
    return this.#grants.length;
  }

  /** Any grant, each as likely as the others. */
  draw(): Grant {
    return this.#grants[this.#random()];
  }

  /** Any grant, which is not in the pool any more. */
  take(): Grant {
    const index = this.#random();
    const grant = this.#grants[index];
    const last = this.#grants.pop()!;
    if (last !== grant) {
      this.#grants[index] = last;
    }
    return grant;
  }

  /** All grants, in random order. */
  shuffled(): Grant[] {
    const grants = [...this.#grants];
    for (let index = grants.length - 1; index > 0; index--) {
      const other = Math.floor(Math.random() * (index + 1));
      [grants[index], grants[other]] = [grants[other], grants[index]];
    }
    return grants;
  }

  #random(): number {
    return Math.floor(Math.random() * this.#grants.length);
  }
}
