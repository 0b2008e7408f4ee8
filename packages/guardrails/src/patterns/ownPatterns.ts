import type { RE2JS } from 're2js';
import type { DetectorFacts, Span } from '../detectors/Detector';
import { GuardrailsConfigError } from '../engine/GuardrailsConfigError';
import type { PatternOption } from '../engine/options';
import { SEVERITIES } from '../findings';
import { compilePattern } from './compilePattern';

const MAX_PATTERNS = 200;
const MAX_KEYWORDS = 50;
const MAX_KEYWORD_LENGTH = 100;

/** A compiled pattern of an administrator. It reads the original text, not the folded one. */
export interface OwnPattern extends DetectorFacts {
  /** Literals of which one is in each match; empty: the pattern is tried on every text. */
  keywords: readonly string[];
  pattern: RE2JS;
}

/**
 * Compiles the patterns of an administrator.
 *
 * @throws GuardrailsConfigError when one makes no sense, or there are too many
 */
export function compileOwnPatterns(
  options: readonly PatternOption[],
): OwnPattern[] {
  if (options.length > MAX_PATTERNS) {
    throw new GuardrailsConfigError(
      `There are ${options.length} patterns; the limit is ${MAX_PATTERNS}`,
    );
  }
  const ids = new Set<string>();
  return options.map((option, index) => {
    const where = `patterns[${index}]`;
    checkId(where, option.id, ids);
    const { severity = 'medium', keywords = [] } = option;
    if (!SEVERITIES.includes(severity)) {
      throw new GuardrailsConfigError(
        `${where}.severity is "${severity}". Write one of ${SEVERITIES.join(
          ', ',
        )}`,
      );
    }
    checkWords(`${where}.keywords`, keywords, MAX_KEYWORDS);
    return {
      id: `pattern.${option.id}`,
      category: 'pattern',
      severity,
      description: option.description ?? `Finds the pattern "${option.id}".`,
      keywords,
      pattern: compilePattern(
        `${where}.pattern ("${option.id}")`,
        option.pattern,
        option.ignoreCase,
      ),
    };
  });
}

/** @throws GuardrailsConfigError when an id is malformed or taken; else notes it */
export function checkId(where: string, id: string, taken: Set<string>) {
  if (typeof id !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(id)) {
    throw new GuardrailsConfigError(
      `${where}.id is ${JSON.stringify(
        id,
      )}. Write 1 to 64 letters, digits and dashes`,
    );
  }
  if (taken.has(id)) {
    throw new GuardrailsConfigError(`${where}.id "${id}" is used twice`);
  }
  taken.add(id);
}

/** @throws GuardrailsConfigError when words are empty, too long or too many */
export function checkWords(
  where: string,
  words: readonly string[],
  maxCount: number,
) {
  if (words.length > maxCount) {
    throw new GuardrailsConfigError(
      `${where} has ${words.length} words; the limit is ${maxCount}`,
    );
  }
  for (const word of words) {
    if (
      typeof word !== 'string' ||
      word.trim() === '' ||
      word.length > MAX_KEYWORD_LENGTH
    ) {
      throw new GuardrailsConfigError(
        `${where} has the word ${JSON.stringify(
          word,
        )}. Words have 1 to ${MAX_KEYWORD_LENGTH} characters`,
      );
    }
  }
}

/** @returns where a pattern matches a text */
export function* findOwnPattern(own: OwnPattern, text: string): Iterable<Span> {
  const matcher = own.pattern.matcher(text);
  while (matcher.find()) {
    if (matcher.end() > matcher.start()) {
      yield { start: matcher.start(), end: matcher.end() };
    }
  }
}
