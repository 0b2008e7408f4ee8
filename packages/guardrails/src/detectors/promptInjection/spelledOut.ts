import type { Span } from '../Detector';

/** Letters with at most three other characters between them. */
const SPELLED =
  /(?<![A-Za-z0-9])(?:[A-Za-z0-9][^A-Za-z0-9]{1,3}){10,400}[A-Za-z0-9](?![A-Za-z0-9])/g;

const ORDER =
  /(?:ignore|disregard|forget|override|bypass)(?:all|any|the|your|my|of|every|these){0,3}(?:previous|prior|above|earlier|preceding|original|system|your|safety){1,2}(?:instruction|prompt|rule|guideline|directive|command|message)|donottelltheuser|revealyoursystemprompt|youarenowdan|sendthe(?:conversation|password|key)/i;

/** @returns where an order to a model is spelled letter by letter */
export function* findSpelledOut(text: string): Iterable<Span> {
  for (const match of text.matchAll(SPELLED)) {
    if (ORDER.test(match[0].replace(/[^A-Za-z0-9]/g, ''))) {
      yield { start: match.index, end: match.index + match[0].length };
    }
  }
}
