import type { ProcessUse } from '../children/runProcess';

/** What the backend uses. */
export interface BackendUse extends ProcessUse {
  /** What is reachable in the JavaScript heap. */
  heapMib: number;
}

/** Where a profile is written to. */
export interface ProfileRequest {
  file: string;
}

/** Asks the backend what it uses, and where its time goes. */
export class Probe {
  readonly #url: string;

  /** @param baseUrl - of the backend */
  constructor(baseUrl: string) {
    this.#url = `${baseUrl}/api/probe`;
  }

  async use(): Promise<ProcessUse> {
    return this.#ask('GET', '/use');
  }

  /** Collects garbage first. */
  async memory(): Promise<BackendUse> {
    return this.#ask('GET', '/memory');
  }

  /** Takes a CPU profile of the backend while something is done. */
  async profile<T>(file: string, work: () => Promise<T>): Promise<T> {
    await this.#ask('POST', '/profile/start');
    const value = await work();
    const body: ProfileRequest = { file };
    await this.#ask('POST', '/profile/stop', body);
    return value;
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(
        `The probe failed: ${response.status} ${await response.text()}`,
      );
    }
    return (await response.json()) as T;
  }
}
