import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import type { Contender, ContenderName } from '../contenders/Contender';
import { TRIVIAL } from '../snippets';

/** From nothing to the first answer. */
export interface Start {
  contender: ContenderName;
  ms: Distribution;
}

/**
 * Starts contenders in turns, each with a first snippet, and stops them.
 *
 * @param options.times - of each contender
 */
export async function measureStart(options: {
  starters: Array<() => Promise<Contender>>;
  times: number;
}): Promise<Start[]> {
  const found = new Map<ContenderName, number[]>();
  for (let time = 0; time < options.times; time++) {
    for (const start of options.starters) {
      const startedAt = performance.now();
      const contender = await start();
      try {
        await contender.run(TRIVIAL.code, 'starter');
        const ms = found.get(contender.name) ?? [];
        ms.push(performance.now() - startedAt);
        found.set(contender.name, ms);
      } finally {
        await contender.stop();
      }
    }
  }
  return [...found].map(([contender, ms]) => ({
    contender,
    ms: distributionOf(ms),
  }));
}
