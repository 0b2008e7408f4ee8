import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import type { Contender, ContenderName } from '../contenders/Contender';
import type { Snippet } from '../snippets';

const WARM_UP_SHARE = 0.25;

/** How long one snippet took, one run after the other. */
export interface Latency {
  snippet: Snippet['id'];
  contender: ContenderName;
  ms: Distribution;
}

/**
 * Runs a snippet again and again, contenders in turns, so that noise hits all
 * alike; who begins changes from round to round.
 *
 * @throws Error if contenders answer differently
 */
export async function measureLatency(options: {
  contenders: Contender[];
  snippet: Snippet;
  rounds: number;
}): Promise<Latency[]> {
  const { contenders, snippet, rounds } = options;
  const turns = contenders.map(contender => ({
    contender,
    ms: [] as number[],
    answer: '',
  }));
  const warmUp = Math.ceil(rounds * WARM_UP_SHARE);
  for (let round = -warmUp; round < rounds; round++) {
    for (let place = 0; place < turns.length; place++) {
      const turn = turns[(round + warmUp + place) % turns.length];
      const start = performance.now();
      const value = await turn.contender.run(snippet.code, 'ada');
      if (round >= 0) {
        turn.ms.push(performance.now() - start);
      }
      turn.answer = JSON.stringify(value);
    }
  }
  const answers = new Set(turns.map(({ answer }) => answer));
  if (answers.size !== 1) {
    throw new Error(
      `Contenders answer "${snippet.title}" differently: ${[...answers]
        .map(answer => answer.slice(0, 200))
        .join(' and ')}`,
    );
  }
  return turns.map(({ contender, ms }) => ({
    snippet: snippet.id,
    contender: contender.name,
    ms: distributionOf(ms),
  }));
}

/** Times something else, one time after the other. */
export async function measureTimes(
  run: () => Promise<void>,
  rounds: number,
): Promise<Distribution> {
  const ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run();
    ms.push(performance.now() - start);
  }
  return distributionOf(ms);
}
