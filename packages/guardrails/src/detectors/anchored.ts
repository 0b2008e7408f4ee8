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
  const findAt = finder(pattern);
  return {
    ...facts,
    kind: 'anchored',
    anchors,
    find: (view, anchorStart) => {
      const span = findAt(view.text, anchorStart);
      return !span ||
        !accept ||
        accept(view.text.slice(span.start, span.end), view, span)
        ? span
        : undefined;
    },
  };
}

/** Tells where a pattern matches, or its group `value` if it has one. */
function finder(
  pattern: RegExp,
): (text: string, start: number) => Span | undefined {
  const flags = pattern.flags.replace(/[yd]/g, '');
  if (!pattern.source.includes('(?<value>')) {
    const sticky = new RegExp(pattern.source, `${flags}y`);
    return (text, start) => {
      sticky.lastIndex = start;
      return sticky.test(text) ? { start, end: sticky.lastIndex } : undefined;
    };
  }
  // To tell where groups are costs the engine more than the match itself.
  const sticky = new RegExp(pattern.source, `${flags}yd`);
  return (text, from) => {
    sticky.lastIndex = from;
    const indices = sticky.exec(text)?.indices;
    const found = indices && (indices.groups?.value ?? indices[0]);
    return found && { start: found[0], end: found[1] };
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
