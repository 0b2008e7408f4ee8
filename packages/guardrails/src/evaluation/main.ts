import { createGuardrails } from '../engine/createGuardrails';
import { evaluate } from './evaluate';
import { CORPUS_FILES, readCorpus } from './readCorpus';

// Prints precision and recall of the default guardrails on the corpus, and with
// --mistakes each sample that was judged wrongly.

const guardrails = createGuardrails();
const showMistakes = process.argv.includes('--mistakes');

for (const file of CORPUS_FILES) {
  const samples = readCorpus(file);
  const { scores, mistakes } = evaluate(guardrails, samples);
  const positives = samples.filter(({ labels }) => labels.length).length;
  process.stdout.write(
    `\n${file}.jsonl: ${positives} positives, ${
      samples.length - positives
    } negatives\n\n| category | samples | found | false alarms | precision | recall |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  for (const score of scores) {
    process.stdout.write(
      `| ${[
        score.category,
        score.positives,
        score.found,
        score.falseAlarms,
        percent(score.precision),
        percent(score.recall),
      ].join(' | ')} |\n`,
    );
  }
  if (showMistakes) {
    for (const { kind, category, fired, sample } of mistakes) {
      process.stdout.write(
        `${kind}: ${category} ${fired.join(' ')} ${JSON.stringify(
          sample.labels,
        )} ${JSON.stringify(sample.value).slice(0, 160)}\n`,
      );
    }
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
