import type { Category, Direction, Severity } from '../findings';
import type { TextView } from '../text/TextView';

/** A place in a view's folded text. */
export interface Span {
  start: number;
  end: number;
}

/** A group of digits, with the others of its text. */
export interface DigitGroup {
  start: number;
  end: number;
}

/** What is common to all detectors. */
export interface DetectorFacts {
  /** `<category>.<name>`. */
  id: string;
  category: Category;
  severity: Severity;
  /** What it finds, in a sentence for administrators. */
  description: string;
  /** How many characters of a find a preview may show: only what is a public prefix. Default: 0. */
  previewChars?: number;
  /** Default: all. */
  directions?: readonly Direction[];
}

/** Looks where one of its literals is. Every find must contain one. */
export interface AnchoredDetector extends DetectorFacts {
  kind: 'anchored';
  /** Literals, whatever their case. */
  anchors: readonly string[];
  /**
   * @param start - of the anchor, in the folded text
   * @returns the find that belongs to this anchor
   */
  find(view: TextView, start: number, end: number): Span | undefined;
}

/** Looks where digits are that can begin a number: not within a word, a hash or a date. */
export interface NumberDetector extends DetectorFacts {
  kind: 'number';
  /** Lengths that the first group of digits can have. */
  groupLengths: readonly number[];
  /** True when a letter stands right before the first group. */
  afterLetter: boolean;
  find(view: TextView, group: DigitGroup): Span | undefined;
}

/** Looks at what does not show, or shows otherwise; spans are in the original. */
export interface HiddenTextDetector extends DetectorFacts {
  kind: 'hidden-text';
  find(original: string): Iterable<Span>;
}

/** Fires for what the engine itself notices, such as decoded text. */
export interface EngineDetector extends DetectorFacts {
  kind: 'engine';
}

/** One thing that can be found. */
export type Detector =
  | AnchoredDetector
  | NumberDetector
  | HiddenTextDetector
  | EngineDetector;
