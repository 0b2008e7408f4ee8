import { Client } from './Client';
import type { TurnsAnswer, TurnsRequest } from './protocol';

/** In a row to each target, which are not counted. */
const WARM_UP = 20;

/**
 * Asks targets in turns, so that noise hits all alike; who begins changes from
 * turn to turn. Some requests in a row go to one target, as a proxy that is
 * asked once in a while has left the caches of the processor.
 *
 * @throws Error what the first request said that was not answered
 */
export async function takeTurns(options: TurnsRequest): Promise<TurnsAnswer> {
  const { targets, exchange, requests, inARow } = options;
  const clients: Client[] = [];
  try {
    for (const target of targets) {
      clients.push(await Client.open(target, exchange));
    }
    const turns = clients.map(client => ({
      client,
      timings: [] as TurnsAnswer[number],
    }));
    if (exchange.delivery !== 'paced') {
      for (const { client } of turns) {
        for (let number = 0; number < WARM_UP; number++) {
          await client.ask();
        }
      }
    }
    for (let done = 0, turn = 0; done < requests; done += inARow, turn++) {
      for (let place = 0; place < turns.length; place++) {
        const { client, timings } = turns[(turn + place) % turns.length];
        for (let number = 0; number < inARow; number++) {
          timings.push(await client.ask());
        }
      }
    }
    return turns.map(({ timings }) => timings);
  } finally {
    clients.forEach(client => client.close());
  }
}
