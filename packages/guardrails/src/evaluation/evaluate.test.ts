import { createGuardrails } from '../engine/createGuardrails';
import type { Category } from '../findings';
import { evaluate } from './evaluate';
import { CorpusFile, CORPUS_FILES, readCorpus } from './readCorpus';

// A little below what is reached (README.md); a change that makes it worse fails here.
const FLOORS: Record<
  CorpusFile,
  Partial<Record<Category, { precision: number; recall: number }>>
> = {
  tuning: {
    secret: { precision: 0.99, recall: 0.99 },
    'personal-data': { precision: 0.98, recall: 0.98 },
    'prompt-injection': { precision: 0.98, recall: 0.96 },
    exfiltration: { precision: 0.94, recall: 0.94 },
  },
  'held-out': {
    secret: { precision: 0.97, recall: 0.97 },
    'personal-data': { precision: 0.97, recall: 0.97 },
    'prompt-injection': { precision: 0.98, recall: 0.95 },
    exfiltration: { precision: 0.92, recall: 0.91 },
  },
  unseen: {
    secret: { precision: 0.94, recall: 0.93 },
    'personal-data': { precision: 0.88, recall: 0.88 },
    'prompt-injection': { precision: 0.94, recall: 0.85 },
    exfiltration: { precision: 1, recall: 1 },
  },
};

describe('the default guardrails', () => {
  const guardrails = createGuardrails();

  it.each([...CORPUS_FILES])('reach their precision and recall on %s', file => {
    const { scores } = evaluate(guardrails, readCorpus(file));
    for (const { category, precision, recall } of scores) {
      const floor = FLOORS[file][category]!;
      expect({ category, high: precision >= floor.precision }).toEqual({
        category,
        high: true,
      });
      expect({ category, high: recall >= floor.recall }).toEqual({
        category,
        high: true,
      });
    }
  });

  it('find each secret and each personal datum of the corpus by the right detector', () => {
    const wrong = readCorpus('tuning')
      .filter(({ kind }) => kind !== 'definition')
      .flatMap(({ value, labels }) => {
        const { findings } = guardrails.inspectJson(value, {
          direction: 'result',
        });
        const found = findings.flatMap(({ detector, also = [] }) => [
          detector,
          ...also,
        ]);
        return labels
          .filter(label => /^(?:secret|personal|exfiltration)\./.test(label))
          .filter(label => !found.includes(label))
          .map(label => `${label} ${found} ${JSON.stringify(value)}`);
      });
    expect(wrong).toEqual([]);
  });

  it('have a sample for every detector that a single text can set off', () => {
    const labels = new Set(
      readCorpus('tuning').flatMap(sample => sample.labels),
    );
    // These need an argument, or the tools of other servers; other tests have them.
    const elsewhere =
      /^(?:limit|topic)\.|^exfiltration.encoded-text$|^definition\.(?:other-server|look-alike)$/;
    const missing = guardrails.detectors
      .map(({ id }) => id)
      .filter(id => !elsewhere.test(id) && !labels.has(id));
    expect(missing).toEqual([]);
  });

  it('have enough samples to mean something', () => {
    const samples = CORPUS_FILES.flatMap(readCorpus);
    const positives = samples.filter(({ labels }) => labels.length).length;
    expect(positives).toBeGreaterThanOrEqual(300);
    expect(samples.length - positives).toBeGreaterThanOrEqual(500);
  });
});
