import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import type { Contender, ContenderName } from '../contenders/Contender';
import { Exchange, timedUntil } from '../exchanges/Exchange';
import type { LoadGenerator } from '../load/LoadGenerator';

/** Requests in a row to one contender, before it is the next one's turn. */
export const IN_A_ROW = 20;

/** What one connection asks for, and how many times for each that is asked for `rounds` times. */
const KINDS: Array<{ exchange: Exchange; share: number }> = [
  { exchange: { delivery: 'json', body: 'small' }, share: 1 },
  { exchange: { delivery: 'json', body: 'large' }, share: 1 / 2 },
  { exchange: { delivery: 'burst', body: 'small' }, share: 1 / 4 },
  // Each takes a fifth of a second, whoever forwards it.
  { exchange: { delivery: 'paced', body: 'small' }, share: 1 / 20 },
];

/** How long requests on one connection took, one after the other. */
export interface Latency {
  exchange: Exchange;
  contender: ContenderName;
  requests: number;
  /** Until the first bytes of a stream, or the last of a document. */
  ms: Distribution;
}

/**
 * Asks each contender on one connection, contenders in turns.
 *
 * @param options.rounds - requests to each contender for a JSON answer; of what takes longer there are fewer
 */
export async function measureLatency(options: {
  load: LoadGenerator;
  contenders: Contender[];
  rounds: number;
}): Promise<Latency[]> {
  const { load, contenders, rounds } = options;
  const found: Latency[] = [];
  for (const { exchange, share } of KINDS) {
    const timings = await load.takeTurns({
      targets: contenders.map(({ target }) => target),
      exchange,
      requests: Math.ceil(rounds * share),
      inARow: exchange.delivery === 'paced' ? 1 : IN_A_ROW,
    });
    const key = timedUntil(exchange) === 'first' ? 'firstMs' : 'lastMs';
    found.push(
      ...contenders.map(({ name }, index) => ({
        exchange,
        contender: name,
        requests: timings[index].length,
        ms: distributionOf(timings[index].map(timing => timing[key])),
      })),
    );
  }
  return found;
}
