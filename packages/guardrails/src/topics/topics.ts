import type { AnchoredDetector, DetectorFacts } from '../detectors/Detector';
import { GuardrailsConfigError } from '../engine/GuardrailsConfigError';
import type { TopicOption } from '../engine/options';
import { SEVERITIES } from '../findings';
import { compilePattern } from '../patterns/compilePattern';
import { checkId, checkWords, OwnPattern } from '../patterns/ownPatterns';
import { foldPhrase } from '../text/TextView';

const MAX_TOPICS = 50;
const MAX_WORDS = 500;
const MAX_PATTERNS = 20;

/** Topics as detectors. */
export interface Topics {
  /** Fire for what is denied. */
  deniedWords: AnchoredDetector[];
  deniedPatterns: OwnPattern[];
  /** Fire for what is allowed, which is no finding. */
  allowedWords: AnchoredDetector[];
  allowedPatterns: OwnPattern[];
  /** What is found when topics are allowed and a text speaks of none. */
  other: DetectorFacts;
}

/**
 * Reads the topics of an administrator.
 *
 * @throws GuardrailsConfigError when one makes no sense, or there are too many
 */
export function readTopics(options: readonly TopicOption[]): Topics {
  if (options.length > MAX_TOPICS) {
    throw new GuardrailsConfigError(
      `There are ${options.length} topics; the limit is ${MAX_TOPICS}`,
    );
  }
  const topics: Topics = {
    deniedWords: [],
    deniedPatterns: [],
    allowedWords: [],
    allowedPatterns: [],
    other: {
      id: 'topic.other',
      category: 'topic',
      severity: 'medium',
      description: 'Fires for texts that speak of none of the allowed topics.',
    },
  };
  const ids = new Set(['other']);
  options.forEach((option, index) => {
    const where = `topics[${index}]`;
    checkId(where, option.id, ids);
    const { words = [], patterns = [], severity = 'medium' } = option;
    if (option.rule !== 'deny' && option.rule !== 'allow') {
      throw new GuardrailsConfigError(
        `${where}.rule is ${JSON.stringify(option.rule)}. Write deny or allow`,
      );
    }
    if (!SEVERITIES.includes(severity)) {
      throw new GuardrailsConfigError(
        `${where}.severity is "${severity}". Write one of ${SEVERITIES.join(
          ', ',
        )}`,
      );
    }
    if (!words.length && !patterns.length) {
      throw new GuardrailsConfigError(
        `${where} has neither words nor patterns`,
      );
    }
    if (patterns.length > MAX_PATTERNS) {
      throw new GuardrailsConfigError(
        `${where}.patterns has ${patterns.length} patterns; the limit is ${MAX_PATTERNS}`,
      );
    }
    checkWords(`${where}.words`, words, MAX_WORDS);
    const facts: DetectorFacts = {
      id: `topic.${option.id}`,
      category: 'topic',
      severity,
      description: `Finds the topic "${option.id}".`,
    };
    const isDenied = option.rule === 'deny';
    if (words.length) {
      const list = isDenied ? topics.deniedWords : topics.allowedWords;
      list.push(wordsDetector(facts, words));
    }
    const list = isDenied ? topics.deniedPatterns : topics.allowedPatterns;
    patterns.forEach((pattern, position) =>
      list.push({
        ...facts,
        keywords: [],
        pattern: compilePattern(
          `${where}.patterns[${position}]`,
          pattern,
          true,
        ),
      }),
    );
  });
  return topics;
}

/** Letters of scripts that put spaces between words. */
const LETTER = /[\p{L}\p{N}_]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function wordsDetector(
  facts: DetectorFacts,
  words: readonly string[],
): AnchoredDetector {
  return {
    ...facts,
    kind: 'anchored',
    anchors: words.map(word => foldPhrase(word.trim().replace(/\s+/g, ' '))),
    find: ({ text }, start, end) =>
      isBoundary(text[start - 1], text[start]) &&
      isBoundary(text[end - 1], text[end])
        ? { start, end }
        : undefined,
  };
}

function isBoundary(left: string | undefined, right: string | undefined) {
  return (
    left === undefined ||
    right === undefined ||
    !LETTER.test(left) ||
    !LETTER.test(right) ||
    UNSPACED.test(left) ||
    UNSPACED.test(right)
  );
}
