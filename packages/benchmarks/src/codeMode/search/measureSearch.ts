import type { CodeMode, ToolDefinition } from '@prompt-corner/code-mode';
import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import type { Question } from './Question';

const SEARCHES_AT_ONCE = 50;
const RUNS = 20;

/** How long a search takes within an execution, and the first one of a process. */
export interface SearchTime {
  tools: number;
  /** CPU time of one search, with the way out of the engine and back. */
  ms: Distribution;
}

/** Measures the CPU time of searches, from code as a model writes it. */
export async function measureSearch(
  codeMode: CodeMode,
  tools: ToolDefinition[],
  questions: Question[],
): Promise<SearchTime> {
  const texts = questions.slice(0, SEARCHES_AT_ONCE).map(({ text }) => text);
  const ms: number[] = [];
  // Processes take turns; the first search of each makes its index.
  for (let run = -2; run < RUNS; run++) {
    const { outcome, error, cpuMs } = await codeMode.search({
      code: `for (const text of ${JSON.stringify(texts)}) {
  await codemode.search(text);
}`,
      tools,
      principal: 'ada',
    });
    if (outcome !== 'ok') {
      throw new Error(`The search failed: ${error?.message}`);
    }
    if (run >= 0) {
      ms.push(cpuMs / texts.length);
    }
  }
  return { tools: tools.length, ms: distributionOf(ms) };
}
