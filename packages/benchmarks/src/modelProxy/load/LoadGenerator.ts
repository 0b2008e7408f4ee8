import { startProcess } from '../../children/startProcess';
import { send } from '../../tokenChecks/request';
import type { LoadProcess } from './process';
import {
  LoadAnswer,
  LoadRequest,
  OPEN_PATH,
  RunRequest,
  RUN_PATH,
  TurnsAnswer,
  TurnsRequest,
  TURNS_PATH,
} from './protocol';

/** Connections that are open, and have not been used yet. */
export interface OpenedLoad {
  /**
   * Uses them, and closes them. Failures are counted.
   *
   * @param seconds - without those in which one client after the other begins
   */
  run(seconds: number): Promise<LoadAnswer>;
}

/** The clients, in a process of their own. */
export class LoadGenerator {
  readonly #url: string;
  readonly stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.stop = stop;
  }

  static async start(): Promise<LoadGenerator> {
    const { ready, stop } = await startProcess<LoadProcess>(
      'src/modelProxy/load/process.ts',
    );
    return new LoadGenerator(ready.url, stop);
  }

  /** @throws Error when a request is not answered rightly */
  async takeTurns(options: TurnsRequest): Promise<TurnsAnswer> {
    return this.#ask(TURNS_PATH, options);
  }

  /**
   * Opens connections; there is one load at a time.
   *
   * @throws Error when an answer is wrong
   */
  async open(options: LoadRequest): Promise<OpenedLoad> {
    await this.#ask(OPEN_PATH, options);
    return {
      run: async seconds => {
        const body: RunRequest = { seconds };
        return this.#ask(RUN_PATH, body);
      },
    };
  }

  async #ask<T>(path: string, body: object): Promise<T> {
    const answer = await send(`${this.#url}${path}`, { method: 'POST', body });
    if (answer.status !== 200) {
      throw new Error(answer.body);
    }
    return JSON.parse(answer.body);
  }
}
