import { setTimeout as delay } from 'node:timers/promises';
import { distributionOf } from '../../tokenChecks/load/LoadResult';
import type { Exchange } from '../exchanges/Exchange';
import { Connection } from './Connection';
import type { LoadAnswer, LoadRequest, Timing } from './protocol';
import { Question } from './Question';

/** Over which clients begin, as they do not come all at once, and in which nothing counts. */
const SPREAD_MS = 300;

/** Few enough not to keep a server busy, and so many that none is closed as idle before all are open. */
const OPENED_AT_ONCE = 16;

/** Asked once on each connection, as it is answered soon. */
const OPENING: Exchange = { delivery: 'json', body: 'small' };

/** Many connections to one target, on each of which is asked again as soon as it was answered. */
export class Load {
  readonly #connections: Connection[];
  readonly #question: Question;

  private constructor(connections: Connection[], question: Question) {
    this.#connections = connections;
    this.#question = question;
  }

  /**
   * Opens connections, a few at once: a busy server accepts one for each turn of
   * its event loop (libuv), so that some would wait long.
   *
   * @throws Error when an answer is wrong
   */
  static async open(options: LoadRequest): Promise<Load> {
    const { target, exchange, connections: count } = options;
    const connections = Array.from(
      { length: count },
      (_, index) => new Connection(target, index),
    );
    const opening = await Question.learn(connections[0], OPENING);
    for (let first = 0; first < count; first += OPENED_AT_ONCE) {
      await Promise.all(
        connections
          .slice(first, first + OPENED_AT_ONCE)
          .map(connection => opening.ask(connection)),
      );
    }
    return new Load(
      connections,
      await Question.learn(connections[0], exchange),
    );
  }

  /**
   * Asks for some time. Answers count that come in it, whenever they were asked
   * for, so that slow ones count as fast ones do.
   */
  async run(seconds: number): Promise<LoadAnswer> {
    const timings: Timing[] = [];
    const failures: Record<string, number> = {};
    let requests = 0;
    const begin = performance.now() + SPREAD_MS;
    const end = begin + seconds * 1_000;
    const askOnce = async (connection: Connection) => {
      requests++;
      try {
        const timing = await this.#question.ask(connection);
        const now = performance.now();
        if (begin <= now && now < end) {
          timings.push(timing);
        }
      } catch (error) {
        const { message } = error as Error;
        failures[message] = (failures[message] ?? 0) + 1;
      }
    };
    await Promise.all(
      this.#connections.map(async (connection, index) => {
        await delay((index / this.#connections.length) * SPREAD_MS);
        while (performance.now() < end) {
          await askOnce(connection);
        }
      }),
    );
    return {
      requestsPerSecond: timings.length / seconds,
      firstMs: distributionOf(timings.map(({ firstMs }) => firstMs)),
      lastMs: distributionOf(timings.map(({ lastMs }) => lastMs)),
      failures,
      requests,
    };
  }

  close(): void {
    this.#connections.forEach(connection => connection.close());
  }
}
