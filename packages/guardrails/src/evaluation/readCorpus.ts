import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of the corpus. The second was written before the detectors were tuned, and is not tuned for. */
export const CORPUS_FILES = ['tuning', 'held-out', 'unseen'] as const;

/** Name of a file of the corpus. */
export type CorpusFile = (typeof CORPUS_FILES)[number];

/** One labelled text, JSON value or definition. */
export interface Sample {
  kind: 'text' | 'json' | 'definition';
  value: unknown;
  /** Ids of the detectors that must find something; empty: nothing may be found. */
  labels: string[];
  /** Where the sample is from. */
  source: string;
}

/**
 * Stands within tokens in the files, so that secret scanners of hosting
 * services do not take the files for leaks.
 */
const JOIN = /\{\{join\}\}/g;

// Only run from the sources, never from a build.
// eslint-disable-next-line no-restricted-syntax
const CORPUS_FOLDER = join(__dirname, '../../corpus');

/**
 * Reads a file of the corpus: JSON lines with `labels`, `source` and one of
 * `text`, `json` and `definition`.
 *
 * @throws Error when a line is none of these
 */
export function readCorpus(file: CorpusFile): Sample[] {
  return readFileSync(join(CORPUS_FOLDER, `${file}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      const sample = JSON.parse(line.replace(JOIN, ''));
      const kind = (['text', 'json', 'definition'] as const).find(
        key => key in sample,
      );
      if (!kind || !Array.isArray(sample.labels) || !sample.source) {
        throw new Error(
          `Line ${index + 1} of ${file}.jsonl has no text, labels or source`,
        );
      }
      const { labels, source } = sample;
      return { kind, value: sample[kind], labels, source };
    });
}
