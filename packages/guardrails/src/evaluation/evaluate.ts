import type { Guardrails } from '../engine/createGuardrails';
import type { Category, Finding } from '../findings';
import type { Sample } from './readCorpus';

/** How well samples of a category are told from others. */
export interface Score {
  category: Category;
  /** Samples with a label of the category. */
  positives: number;
  found: number;
  /** Samples without a label of the category in which it was found. */
  falseAlarms: number;
  /** Share of what was found that is right. */
  precision: number;
  /** Share of what is right that was found. */
  recall: number;
}

/** A sample that was judged wrongly. */
export interface Mistake {
  sample: Sample;
  category: Category;
  kind: 'missed' | 'false alarm';
  /** Detectors that fired. */
  fired: string[];
}

/** Categories that the corpus is labelled for. */
const SCORED: Category[] = [
  'secret',
  'personal-data',
  'prompt-injection',
  'exfiltration',
];

/** Counts a sample once for each category, whatever the severity of the findings. */
export function evaluate(
  guardrails: Guardrails,
  samples: readonly Sample[],
): { scores: Score[]; mistakes: Mistake[] } {
  const categoryOf = new Map(
    guardrails.detectors.map(({ id, category }) => [id, category]),
  );
  const mistakes: Mistake[] = [];
  const judged = samples.map(sample => {
    const fired = findingsOf(guardrails, sample).flatMap(
      ({ detector, also = [] }) => [detector, ...also],
    );
    return { sample, fired };
  });
  const scores = SCORED.map(category => {
    const isOf = (id: string) => categoryOf.get(id) === category;
    let positives = 0;
    let found = 0;
    let falseAlarms = 0;
    for (const { sample, fired } of judged) {
      const isPositive = sample.labels.some(isOf);
      const isFound = fired.some(isOf);
      positives += Number(isPositive);
      found += Number(isPositive && isFound);
      falseAlarms += Number(!isPositive && isFound);
      if (isPositive !== isFound) {
        mistakes.push({
          sample,
          category,
          kind: isPositive ? 'missed' : 'false alarm',
          fired: fired.filter(isOf),
        });
      }
    }
    return {
      category,
      positives,
      found,
      falseAlarms,
      precision: found / (found + falseAlarms),
      recall: found / positives,
    };
  });
  return { scores, mistakes };
}

function findingsOf(guardrails: Guardrails, sample: Sample): Finding[] {
  return sample.kind === 'definition'
    ? guardrails.inspectDefinition(sample.value).findings
    : guardrails.inspectJson(sample.value, { direction: 'result' }).findings;
}
