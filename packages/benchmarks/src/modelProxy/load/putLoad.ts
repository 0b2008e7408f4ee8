import { setTimeout as delay } from 'node:timers/promises';
import { distributionOf } from '../../tokenChecks/load/LoadResult';
import { Client } from './Client';
import type { LoadAnswer, LoadRequest, Timing } from './protocol';

/** Over which connections are opened, as clients do not come all at once. */
const SPREAD_MS = 300;

/**
 * Asks one target on many connections, each again as soon as it is answered.
 *
 * The time that counts begins when every connection was answered once: a busy
 * server accepts one connection for each turn of its event loop (libuv), so
 * that some would otherwise wait through all of it. Answers count that come in
 * that time, whenever they were asked for.
 *
 * @throws Error when the first answer is wrong
 */
export async function putLoad(options: LoadRequest): Promise<LoadAnswer> {
  const { target, exchange, connections, seconds } = options;
  const client = await Client.open(target, exchange, connections);
  const timings: Timing[] = [];
  const failures: Record<string, number> = {};
  let requests = 1;
  let begin = Infinity;
  const askOnce = async (index: number) => {
    requests++;
    try {
      const timing = await client.ask(index);
      const now = performance.now();
      if (begin <= now && now < begin + seconds * 1_000) {
        timings.push(timing);
      }
    } catch (error) {
      const { message } = error as Error;
      failures[message] = (failures[message] ?? 0) + 1;
    }
  };
  let opened = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      await delay((index / connections) * SPREAD_MS);
      await askOnce(index);
      if (++opened === connections) {
        begin = performance.now();
      }
      while (performance.now() < begin + seconds * 1_000) {
        await askOnce(index);
      }
    }),
  );
  client.close();
  return {
    requestsPerSecond: timings.length / seconds,
    firstMs: distributionOf(timings.map(({ firstMs }) => firstMs)),
    lastMs: distributionOf(timings.map(({ lastMs }) => lastMs)),
    failures,
    requests,
  };
}
