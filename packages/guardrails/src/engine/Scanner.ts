import type {
  AnchoredDetector,
  Detector,
  DetectorFacts,
  HiddenTextDetector,
  NumberDetector,
} from '../detectors/Detector';
import { ENGINE_DETECTORS } from '../detectors/engineDetectors';
import { findSpelledOut } from '../detectors/promptInjection/spelledOut';
import { findLabelledSecret } from '../detectors/secrets';
import { isAtLeast } from '../findings';
import { findOwnPattern, OwnPattern } from '../patterns/ownPatterns';
import { AnchorScanner } from '../text/AnchorScanner';
import { isLetter } from '../text/ascii';
import { decodeText } from '../text/decode';
import { findRuns, Runs } from '../text/findRuns';
import {
  createTextView,
  foldPhrase,
  originalSpan,
  TextView,
} from '../text/TextView';
import { joinLines } from './joinLines';

/** A find in the original text. */
export interface Match {
  detector: DetectorFacts;
  start: number;
  end: number;
}

/** Encoded text in encoded text is read, and no further. */
const MAX_DECODINGS = 2;

/** Shorter texts hold nothing that a detector finds, but for topics. */
const MIN_LENGTH = 3;

/** Readable text in base64 is worth a mention from here on. */
const MIN_ENCODED_TEXT = 64;

/** What runs in a direction. */
export interface ScannerOptions {
  detectors: readonly Detector[];
  patterns: readonly OwnPattern[];
}

/** Finds everything in a text, with the detectors of one direction. */
export class Scanner {
  readonly #anchors: AnchorScanner;
  /** Those that are ASCII: they come first in both, and its table is a quarter as large. */
  readonly #asciiAnchors: AnchorScanner;
  /** For each anchor, who looks there. */
  readonly #atAnchor: AnchoredDetector[][];
  /** For each length of a first group, who looks there. */
  readonly #atDigits: NumberDetector[][] = [];
  readonly #atLetterAndDigits: NumberDetector[][] = [];
  readonly #hiddenText: HiddenTextDetector[];
  readonly #assignment: DetectorFacts | undefined;
  readonly #encodedSecret: DetectorFacts | undefined;
  readonly #encodedInjection: DetectorFacts | undefined;
  readonly #encodedText: DetectorFacts | undefined;
  readonly #spelledOut: DetectorFacts | undefined;
  /** Patterns of administrators by keyword; those without run on every text. */
  readonly #patternsByAnchor: OwnPattern[][];
  readonly #patternsOfAnyText: OwnPattern[];

  constructor(options: ScannerOptions) {
    const { detectors, patterns } = options;
    const byAnchor = new Map<string, AnchoredDetector[]>();
    const patternsByAnchor = new Map<string, OwnPattern[]>();
    for (const detector of detectors) {
      if (detector.kind === 'anchored') {
        for (const anchor of new Set(detector.anchors)) {
          add(byAnchor, foldPhrase(anchor).toLowerCase(), detector);
        }
      } else if (detector.kind === 'number') {
        const table = detector.afterLetter
          ? this.#atLetterAndDigits
          : this.#atDigits;
        for (const length of detector.groupLengths) {
          (table[length] ??= []).push(detector);
        }
      }
    }
    for (const pattern of patterns) {
      for (const keyword of new Set(pattern.keywords)) {
        add(patternsByAnchor, foldPhrase(keyword).toLowerCase(), pattern);
      }
    }
    const known = [
      ...new Set([...byAnchor.keys(), ...patternsByAnchor.keys()]),
    ];
    const ascii = known.filter(isAscii);
    const anchors = [...ascii, ...known.filter(anchor => !isAscii(anchor))];
    this.#anchors = new AnchorScanner(anchors);
    this.#asciiAnchors = new AnchorScanner(ascii);
    this.#atAnchor = anchors.map(anchor => byAnchor.get(anchor) ?? []);
    this.#patternsByAnchor = anchors.map(
      anchor => patternsByAnchor.get(anchor) ?? [],
    );
    this.#patternsOfAnyText = patterns.filter(
      ({ keywords }) => !keywords.length,
    );
    this.#hiddenText = detectors.filter(
      detector => detector.kind === 'hidden-text',
    );
    const byId = (id: string) => detectors.find(detector => detector.id === id);
    this.#assignment = byId('secret.assignment');
    this.#encodedSecret = byId(ENGINE_DETECTORS.encodedSecret.id);
    this.#encodedInjection = byId(ENGINE_DETECTORS.encodedInjection.id);
    this.#encodedText = byId(ENGINE_DETECTORS.encodedText.id);
    this.#spelledOut = byId(ENGINE_DETECTORS.spelledOut.id);
  }

  /**
   * @param label - the name of the property whose value the text is
   * @returns what was found, in no order, overlapping
   */
  scan(text: string, label = '', decodings = 0): Match[] {
    const matches: Match[] = [];
    if (text.length < MIN_LENGTH && !this.#patternsOfAnyText.length) {
      return matches;
    }
    const view = createTextView(text, label.toLowerCase());
    this.#scanAnchors(view, matches);
    const runs = findRuns(view.units, view.text.length);
    this.#scanNumbers(view, runs, matches);
    if (runs.hasSingleLetters && this.#spelledOut) {
      for (const span of findSpelledOut(view.text)) {
        matches.push(toMatch(view, this.#spelledOut, span));
      }
    }
    if (runs.tokenStarts.length && decodings < MAX_DECODINGS) {
      this.#scanEncoded(view, runs, decodings, matches);
    }
    if (view.hasHidden) {
      for (const detector of this.#hiddenText) {
        for (const { start, end } of detector.find(text)) {
          matches.push({ detector, start, end });
        }
      }
    }
    if (label && this.#assignment) {
      const span = findLabelledSecret(view);
      if (span) {
        matches.push(toMatch(view, this.#assignment, span));
      }
    }
    return matches;
  }

  #scanAnchors(view: TextView, matches: Match[]) {
    // A detector does not look again within its own last find.
    const foundUntil = new Map<AnchoredDetector, number>();
    const patterns = new Set(this.#patternsOfAnyText);
    const scanner = view.isAscii ? this.#asciiAnchors : this.#anchors;
    scanner.scan(view.units, view.text.length, (anchor, end) => {
      const start = end - scanner.anchors[anchor].length;
      for (const detector of this.#atAnchor[anchor]) {
        if (start < (foundUntil.get(detector) ?? 0)) {
          continue;
        }
        const span = detector.find(view, start, end);
        if (span) {
          foundUntil.set(detector, span.end);
          matches.push(toMatch(view, detector, span));
        }
      }
      for (const pattern of this.#patternsByAnchor[anchor]) {
        patterns.add(pattern);
      }
    });
    for (const pattern of patterns) {
      for (const { start, end } of findOwnPattern(pattern, view.original)) {
        matches.push({ detector: pattern, start, end });
      }
    }
  }

  #scanNumbers(view: TextView, runs: Runs, matches: Match[]) {
    const { digitStarts, digitEnds } = runs;
    let foundUntil = 0;
    for (let index = 0; index < digitStarts.length; index++) {
      const start = digitStarts[index];
      const length = digitEnds[index] - start;
      const table = isLetter(view.text.charCodeAt(start - 1))
        ? this.#atLetterAndDigits
        : this.#atDigits;
      const detectors = table[length];
      if (start < foundUntil || !detectors) {
        continue;
      }
      const group = { start, end: digitEnds[index] };
      for (const detector of detectors) {
        const span = detector.find(view, group);
        if (span) {
          foundUntil = span.end;
          matches.push(toMatch(view, detector, span));
        }
      }
    }
  }

  #scanEncoded(
    view: TextView,
    runs: Runs,
    decodings: number,
    matches: Match[],
  ) {
    for (const { start, end } of joinLines(view.text, runs)) {
      const decoded = decodeText(view.text.slice(start, end));
      const detector = decoded && this.#judgeDecoded(decoded, decodings);
      if (detector) {
        matches.push(toMatch(view, detector, { start, end }));
      }
    }
  }

  #judgeDecoded(decoded: string, decodings: number): DetectorFacts | undefined {
    const inside = this.scan(decoded, '', decodings + 1).map(
      match => match.detector,
    );
    if (inside.some(({ category }) => category === 'secret')) {
      return this.#encodedSecret;
    }
    const isInjection = inside.some(
      ({ category, severity }) =>
        category === 'prompt-injection' && isAtLeast(severity, 'high'),
    );
    if (isInjection) {
      return this.#encodedInjection;
    }
    return decoded.length >= MIN_ENCODED_TEXT ? this.#encodedText : undefined;
  }
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}

function add<T>(lists: Map<string, T[]>, key: string, value: T) {
  const list = lists.get(key);
  if (list) {
    list.push(value);
  } else {
    lists.set(key, [value]);
  }
}

function toMatch(
  view: TextView,
  detector: DetectorFacts,
  span: { start: number; end: number },
): Match {
  const [start, end] = originalSpan(view, span.start, span.end);
  return { detector, start, end };
}
