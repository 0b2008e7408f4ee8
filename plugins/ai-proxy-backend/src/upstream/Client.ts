import type { ServerResponse } from 'node:http';

/** Whether whoever asked is still there. */
export class Client {
  readonly #listeners = new Set<() => void>();
  #isGone = false;

  /** @param response - to whoever asked; none where the proxy asks for itself */
  constructor(response?: ServerResponse) {
    this.#isGone = response?.destroyed ?? false;
    response?.on('close', () => {
      if (!response.writableFinished) {
        this.#isGone = true;
        this.#listeners.forEach(listener => listener());
      }
      this.#listeners.clear();
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Calls back when the client goes before it has its answer.
   *
   * @returns what ends it
   */
  onGone(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
