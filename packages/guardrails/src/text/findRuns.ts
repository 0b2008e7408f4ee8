import { isDigit, isLetter } from './ascii';

/** Runs of characters in which numbers and encoded data are found. */
export interface Runs {
  /** First unit of each group of digits that can begin a number of its own. */
  digitStarts: number[];
  digitEnds: number[];
  /** First unit of each long run of letters, digits and `+/_-`. */
  tokenStarts: number[];
  tokenEnds: number[];
  /** True when many single letters follow each other, as in `i g n o r e`. */
  hasSingleLetters: boolean;
}

/** Shorter runs hide nothing that is worth decoding. */
export const MIN_TOKEN_LENGTH = 24;

/** Formulas and lists have some single letters in a row, too. */
const MIN_SINGLE_LETTERS = 10;

/** Most characters between two letters that are spelled. */
const MAX_LETTER_GAP = 3;

const UNDERSCORE = 0x5f;

/** Marked for characters that join digits to letters and digits before. */
const CONTINUES = markedFor('-/+');

/** Marked for characters that join digits to digits only: `tel:030` begins a number. */
const CONTINUES_DIGITS = markedFor('.:');

const DIGIT = 1;
const TOKEN = 2;

const KINDS = createKinds();

/**
 * @param units - of the text, and a 0 behind the last one
 * @returns the runs of a text, found in one pass
 */
export function findRuns(units: Uint16Array, length: number): Runs {
  const runs: Runs = {
    digitStarts: [],
    digitEnds: [],
    tokenStarts: [],
    tokenEnds: [],
    hasSingleLetters: false,
  };
  let index = 0;
  let singles = 0;
  let lastEnd = 0;
  while (index < length) {
    let kind = kindOf(units[index]);
    if (!kind) {
      index++;
      continue;
    }
    const tokenStart = index;
    while (kind) {
      if (kind === DIGIT) {
        const digitStart = index;
        do {
          index++;
        } while (kindOf(units[index]) === DIGIT);
        if (canBeginNumber(units, digitStart)) {
          runs.digitStarts.push(digitStart);
          runs.digitEnds.push(index);
        }
      } else {
        index++;
      }
      kind = kindOf(units[index]);
    }
    const isSingle =
      index - tokenStart === 1 && tokenStart - lastEnd <= MAX_LETTER_GAP;
    singles = isSingle ? singles + 1 : 0;
    lastEnd = index;
    if (singles >= MIN_SINGLE_LETTERS) {
      runs.hasSingleLetters = true;
    }
    if (index - tokenStart >= MIN_TOKEN_LENGTH) {
      runs.tokenStarts.push(tokenStart);
      runs.tokenEnds.push(index);
    }
  }
  return runs;
}

/**
 * Digits after a small letter belong to a word or a hash; those after a
 * separator and a letter or digit continue something, such as a date.
 */
function canBeginNumber(units: Uint16Array, start: number): boolean {
  const before = start > 0 ? units[start - 1] : 0;
  if (before >= 128 || before === 0) {
    return true;
  }
  if (CONTINUES_DIGITS[before]) {
    return start < 2 || !isDigit(units[start - 2]);
  }
  if (CONTINUES[before]) {
    return start < 2 || !isLetterOrDigit(units[start - 2]);
  }
  const isSmallLetter = before >= 97 && before <= 122;
  return !isSmallLetter && before !== UNDERSCORE;
}

function isLetterOrDigit(unit: number): boolean {
  return isDigit(unit) || isLetter(unit);
}

function kindOf(unit: number): number {
  return unit < 128 ? KINDS[unit] : 0;
}

function markedFor(characters: string): Uint8Array {
  const marks = new Uint8Array(128);
  for (const character of characters) {
    marks[character.charCodeAt(0)] = 1;
  }
  return marks;
}

function createKinds(): Uint8Array {
  const kinds = new Uint8Array(128);
  const tokens = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/_-';
  for (const character of tokens) {
    kinds[character.charCodeAt(0)] = TOKEN;
  }
  for (const character of '0123456789') {
    kinds[character.charCodeAt(0)] = DIGIT;
  }
  return kinds;
}
