/** Those who wait, first come first served for each principal, and principals in turn. */
export class WaitingQueue<T> {
  readonly #byPrincipal = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(principal: string, item: T) {
    const items = this.#byPrincipal.get(principal);
    if (items) {
      items.push(item);
    } else {
      this.#byPrincipal.set(principal, [item]);
    }
    this.#size += 1;
  }

  /** Takes it out before its turn. */
  remove(principal: string, item: T) {
    const items = this.#byPrincipal.get(principal);
    const index = items?.indexOf(item) ?? -1;
    if (!items || index < 0) {
      return;
    }
    items.splice(index, 1);
    this.#size -= 1;
    if (items.length === 0) {
      this.#byPrincipal.delete(principal);
    }
  }

  /** Offers the first item of each principal, round after round; those that are taken leave the queue. */
  offer(take: (principal: string, item: T) => boolean) {
    let isTaken = true;
    while (isTaken) {
      isTaken = false;
      for (const principal of [...this.#byPrincipal.keys()]) {
        const [item] = this.#byPrincipal.get(principal) ?? [];
        if (item !== undefined && take(principal, item)) {
          this.remove(principal, item);
          this.#moveToEnd(principal);
          isTaken = true;
        }
      }
    }
  }

  /** Takes all out. */
  drain(): T[] {
    const items = [...this.#byPrincipal.values()].flat();
    this.#byPrincipal.clear();
    this.#size = 0;
    return items;
  }

  #moveToEnd(principal: string) {
    const items = this.#byPrincipal.get(principal);
    if (items) {
      this.#byPrincipal.delete(principal);
      this.#byPrincipal.set(principal, items);
    }
  }
}
