import type { TextView } from '../text/TextView';
import type { AnchoredDetector, DetectorFacts, Span } from './Detector';

/**
 * A detector that is a regular expression which starts at its anchor.
 *
 * Quantifiers in the pattern must be bounded, or their characters must not
 * contain an anchor: each anchor is tried once, so the time is linear then.
 *
 * @param options.pattern - tried at the start of each anchor; its group `value`, if any, is the find
 * @param options.accept - a last check of the find's text, such as for entropy
 */
export function anchoredPattern(
  options: DetectorFacts & {
    anchors: readonly string[];
    pattern: RegExp;
    accept?: (found: string, view: TextView, span: Span) => boolean;
  },
): AnchoredDetector {
  const { anchors, pattern, accept, ...facts } = options;
  const sticky = new RegExp(
    pattern.source,
    [...new Set(`${pattern.flags}yd`)].join(''),
  );
  return {
    ...facts,
    kind: 'anchored',
    anchors,
    find: (view, anchorStart) => {
      sticky.lastIndex = anchorStart;
      const match = sticky.exec(view.text);
      if (!match) {
        return undefined;
      }
      const [start, end] = match.indices!.groups?.value ?? match.indices![0];
      const span = { start, end };
      return !accept || accept(view.text.slice(start, end), view, span)
        ? span
        : undefined;
    },
  };
}

/** @returns true when a word of the context stands shortly before, or in the property's name */
export function hasContext(
  view: TextView,
  start: number,
  words: RegExp,
): boolean {
  return (
    words.test(view.label) ||
    words.test(view.text.slice(Math.max(0, start - 40), start))
  );
}
