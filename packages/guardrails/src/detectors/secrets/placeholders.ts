import { entropyOf } from '../../text/entropy';

const WORDS =
  /example|placeholder|change_?-?me|your[_-]|_here$|dummy|redacted|replace|insert|todo|sample|fake|test_?test|not-?a-?real/i;

const REPEATED = /(.)\1{6,}|(?:\*|\.){3}|…|^x+$/i;

/** Ascending runs that nobody draws at random. */
const SEQUENCE = /0123456789|1234567890|abcdefghij|abcdef123456|qwertyuiop/i;

/**
 * @returns true for what stands where a secret would, in documentation and
 *   templates: `<YOUR_KEY>`, `xxxxxxxx`, `sk-...`, `AKIAIOSFODNN7EXAMPLE`
 */
export function isPlaceholder(value: string): boolean {
  return WORDS.test(value) || REPEATED.test(value) || SEQUENCE.test(value);
}

/** @returns true for what can be a random token: no placeholder, and many different characters */
export function isRandom(value: string, minEntropy = 3): boolean {
  return !isPlaceholder(value) && entropyOf(value) >= minEntropy;
}
