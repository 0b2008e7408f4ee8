import type { HiddenTextDetector, Span } from '../Detector';

const RIGHT_TO_LEFT_LETTER = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Sequences that a script or an emoji needs are left alone. */
export const HIDDEN_TEXT: HiddenTextDetector[] = [
  {
    kind: 'hidden-text',
    id: 'injection.unicode-tags',
    category: 'prompt-injection',
    severity: 'critical',
    description:
      'Finds text in tag characters (U+E0000 to U+E007F), which only machines read.',
    // The flags of England, Scotland and Wales are a black flag and tags.
    find: text =>
      spans(
        text,
        /(?<!\u{1f3f4}[\u{e0061}-\u{e007a}]{0,6})[\u{e0000}-\u{e007f}]{2,}/gu,
      ),
  },
  {
    kind: 'hidden-text',
    id: 'injection.variation-selectors',
    category: 'prompt-injection',
    severity: 'high',
    description:
      'Finds runs of variation selectors, in which bytes can be hidden.',
    find: text => spans(text, /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu),
  },
  {
    kind: 'hidden-text',
    id: 'injection.zero-width',
    category: 'prompt-injection',
    severity: 'medium',
    description:
      'Finds characters without width within Latin words, and runs of them, in which bits can be hidden.',
    find: text =>
      spans(
        text,
        /(?<=[A-Za-z0-9])[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{1,64}(?=[A-Za-z0-9])|[\u200b-\u200f\u2060-\u2064\ufeff\u180e]{6,}/g,
      ),
  },
  {
    kind: 'hidden-text',
    id: 'injection.bidi-controls',
    category: 'prompt-injection',
    severity: 'medium',
    description:
      'Finds controls that show characters in another order than they are read in (CVE-2021-42574).',
    // Embeddings and isolates are normal where letters run from right to left,
    // and isolates where messages are put together.
    find: text =>
      RIGHT_TO_LEFT_LETTER.test(text)
        ? spans(text, /[\u202d\u202e]/g)
        : spans(text, /[\u202a\u202b\u202d\u202e]/g),
  },
];

function* spans(text: string, pattern: RegExp): Iterable<Span> {
  for (const match of text.matchAll(pattern)) {
    yield { start: match.index, end: match.index + match[0].length };
  }
}
