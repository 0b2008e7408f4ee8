import { Connection } from './Connection';
import type { TurnsAnswer, TurnsRequest } from './protocol';
import { Question } from './Question';

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
  const connections = targets.map(target => new Connection(target));
  try {
    const turns = [];
    for (const connection of connections) {
      const question = await Question.learn(connection, exchange);
      const ask = () => question.ask(connection);
      turns.push({ ask, timings: [] as TurnsAnswer[number] });
    }
    if (exchange.delivery !== 'paced') {
      for (const { ask } of turns) {
        for (let number = 0; number < WARM_UP; number++) {
          await ask();
        }
      }
    }
    for (let done = 0, turn = 0; done < requests; done += inARow, turn++) {
      for (let place = 0; place < turns.length; place++) {
        const { ask, timings } = turns[(turn + place) % turns.length];
        for (let number = 0; number < inARow; number++) {
          timings.push(await ask());
        }
      }
    }
    return turns.map(({ timings }) => timings);
  } finally {
    connections.forEach(connection => connection.close());
  }
}
