import { RE2JS } from 're2js';
import { GuardrailsConfigError } from '../engine/GuardrailsConfigError';

/** Longer patterns are programs. */
const MAX_LENGTH = 1_000;

/** Longest repetition: `x{1000}` is a thousand states. RE2 itself allows no more. */
const MAX_REPETITIONS = 1_000;

/**
 * Compiles a pattern of an administrator. RE2 takes linear time for any
 * pattern and text.
 *
 * @throws GuardrailsConfigError when RE2 cannot read it, or when it is too
 *   long or matches the empty text
 */
export function compilePattern(
  where: string,
  source: string,
  ignoreCase = false,
): RE2JS {
  if (typeof source !== 'string' || source === '') {
    throw new GuardrailsConfigError(
      `${where} is empty. Write a pattern in RE2 syntax`,
    );
  }
  if (source.length > MAX_LENGTH) {
    throw new GuardrailsConfigError(
      `${where} has ${source.length} characters; the limit is ${MAX_LENGTH}. Split it`,
    );
  }
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new GuardrailsConfigError(
      `${where} is no pattern in RE2 syntax: ${
        (error as Error).message
      }. ${hint(source)}`,
      { cause: error },
    );
  }
  if (pattern.matcher('').find()) {
    throw new GuardrailsConfigError(
      `${where} matches the empty text, and so everything. Make a part of it mandatory, such as with + in place of *`,
    );
  }
  return pattern;
}

function hint(source: string): string {
  if (/\(\?<?[=!]/.test(source)) {
    return 'RE2 has no look-ahead and look-behind: write what stands before and after as part of the pattern';
  }
  if (/\\[1-9]/.test(source)) {
    return 'RE2 has no back-references';
  }
  return `See https://github.com/google/re2/wiki/Syntax; repetitions go up to ${MAX_REPETITIONS}`;
}
