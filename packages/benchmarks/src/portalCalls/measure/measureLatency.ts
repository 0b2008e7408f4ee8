import { ERAS, Era } from '../client/McpConnection';
import type { Contender, ContenderName } from '../contenders/Contender';
import { ANSWER_SIZES, AnswerSize } from '../toolServers/answers';
import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import { Caller } from './Caller';
import { callFor, openCallers } from './measureThroughput';

const WARM_UP_ROUNDS = 100;

/** Until engines have compiled what is called most: a backend that has just started takes twice as long. */
const WARM_UP = { clients: 8, ms: 2_500 };

/** How long calls of one client took, one after the other. */
export interface Latency {
  era: Era;
  size: AnswerSize;
  contender: ContenderName;
  ms: Distribution;
}

/**
 * Lets one client of each contender call in turns, call by call, so that noise
 * hits all alike; who begins changes from round to round.
 *
 * @param options.rounds - calls of each contender, in each era and of each size
 */
export async function measureLatency(options: {
  contenders: Contender[];
  rounds: number;
}): Promise<Latency[]> {
  const { contenders, rounds } = options;
  const found: Latency[] = [];
  for (const era of ERAS) {
    for (const size of ANSWER_SIZES) {
      for (const contender of contenders) {
        const { clients, ms } = WARM_UP;
        const callers = await openCallers(contender, { era, size, clients });
        await callFor(callers, ms);
      }
      const turns = await Promise.all(
        contenders.map(async contender => ({
          contender: contender.name,
          caller: await Caller.open(contender, { era, size, client: 0 }),
          ms: [] as number[],
        })),
      );
      for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
        for (let place = 0; place < turns.length; place++) {
          const turn = turns[(round + WARM_UP_ROUNDS + place) % turns.length];
          const start = performance.now();
          await turn.caller.call();
          if (round >= 0) {
            turn.ms.push(performance.now() - start);
          }
        }
      }
      found.push(
        ...turns.map(({ contender, ms }) => ({
          era,
          size,
          contender,
          ms: distributionOf(ms),
        })),
      );
    }
  }
  return found;
}
