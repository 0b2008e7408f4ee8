import { startProcess } from '../../children/startProcess';
import { send } from '../../tokenChecks/request';
import type { LoadProcess } from './process';
import {
  LoadAnswer,
  LoadRequest,
  LOAD_PATH,
  TurnsAnswer,
  TurnsRequest,
  TURNS_PATH,
} from './protocol';

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

  /** @throws Error when the first answer is wrong; later failures are counted */
  async putLoad(options: LoadRequest): Promise<LoadAnswer> {
    return this.#ask(LOAD_PATH, options);
  }

  async #ask<T>(path: string, body: object): Promise<T> {
    const answer = await send(`${this.#url}${path}`, { method: 'POST', body });
    if (answer.status !== 200) {
      throw new Error(answer.body);
    }
    return JSON.parse(answer.body);
  }
}
