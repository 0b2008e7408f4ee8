/** For how long calls of one execution wait for people, from the first wait on. */
export class WaitBudget {
  readonly #end = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Aborted when it is used up. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** A call waits. */
  begin(): void {
    this.#timer ??= setTimeout(() => this.#end.abort(), this.#ms);
  }

  /** The execution is over. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
