import { BUILT_IN_DETECTORS } from '../detectors/builtIn';
import { createGuardrails } from '../engine/createGuardrails';
import { pump } from './pump';
import { readCorpus } from './readCorpus';

/** Units of each hostile text. */
const LENGTH = 50_000;

/**
 * The slowest takes some 100 ms (2026-11); a pattern that backtracks takes
 * minutes or years, so that this limit does not depend on the machine.
 */
const LIMIT_MS = 3_000;

/** One sample for each set of labels is pumped. */
function seeds(): string[] {
  const byLabels = new Map<string, string>();
  for (const { kind, labels, value } of readCorpus('tuning')) {
    if (kind === 'text' && labels.length) {
      byLabels.set(labels.join(), String(value));
    }
  }
  return [...byLabels.values()];
}

describe('built-in detectors', () => {
  it('take linear time for texts that are made to be slow', () => {
    const guardrails = createGuardrails();
    const slow: string[] = [];
    let count = 0;
    for (const { name, text } of pump(BUILT_IN_DETECTORS, seeds(), LENGTH)) {
      const start = performance.now();
      guardrails.inspectText(text, { direction: 'argument' });
      if (performance.now() - start > LIMIT_MS) {
        slow.push(name);
      }
      count++;
    }
    expect(slow).toEqual([]);
    expect(count).toBeGreaterThan(1_000);
  }, 300_000);
});
