/** How often is looked whether somebody else needs the sandbox. */
const LOOK_MS = 500;

/** For how long calls of one execution wait for people, from the first wait on. */
export class WaitBudget {
  readonly #end = new AbortController();
  readonly #ms: number;
  readonly #isCrowded: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  /** @param isCrowded - whether others wait for what this execution keeps meanwhile */
  constructor(ms: number, isCrowded: () => boolean) {
    this.#ms = ms;
    this.#isCrowded = isCrowded;
  }

  /** Aborted when it is used up. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** A call waits. */
  begin(): void {
    if (this.#timer) {
      return;
    }
    this.#timer = setTimeout(() => this.#end.abort(), this.#ms);
    this.#look = setInterval(() => {
      if (this.#isCrowded()) {
        this.#end.abort();
      }
    }, LOOK_MS);
  }

  /** The execution is over. */
  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
  }
}
