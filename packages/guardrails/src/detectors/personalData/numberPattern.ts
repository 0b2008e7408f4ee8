import type { TextView } from '../../text/TextView';
import { hasContext } from '../anchored';
import type { DetectorFacts, NumberDetector } from '../Detector';

/**
 * A detector that is a regular expression around a group of digits.
 *
 * @param options.pattern - tried at the group's start, or `before` units earlier; bounded
 * @param options.before - how many letters precede the digits
 * @param options.afterLetter - whether a letter touches the first digit; default: when there is something before
 * @param options.isValid - gets the digits and letters of the find, in upper case, without separators
 * @param options.context - words of which one must stand shortly before, or in the property's name
 * @param options.otherContext - words right before that make it something else
 * @param options.contextIfPlain - the same, but only for finds without separators
 */
export function numberPattern(
  options: DetectorFacts & {
    groupLengths: readonly number[];
    pattern: RegExp;
    before?: number;
    afterLetter?: boolean;
    isValid: (characters: string) => boolean;
    context?: RegExp;
    contextIfPlain?: RegExp;
    otherContext?: RegExp;
  },
): NumberDetector {
  const {
    groupLengths,
    pattern,
    before = 0,
    afterLetter = before > 0,
    isValid,
    context,
    contextIfPlain,
    otherContext,
    ...facts
  } = options;
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  return {
    ...facts,
    kind: 'number',
    groupLengths,
    afterLetter,
    find: (view: TextView, group) => {
      const start = group.start - before;
      if (start < 0) {
        return undefined;
      }
      sticky.lastIndex = start;
      const found = sticky.exec(view.text)?.[0];
      if (!found) {
        return undefined;
      }
      const characters = found.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
      if (!isValid(characters)) {
        return undefined;
      }
      if (otherContext?.test(view.text.slice(Math.max(0, start - 24), start))) {
        return undefined;
      }
      const isPlain = characters.length === found.length;
      const needed = context ?? (isPlain ? contextIfPlain : undefined);
      return !needed || hasContext(view, start, needed)
        ? { start, end: start + found.length }
        : undefined;
    },
  };
}

/** Neither a letter, a digit, nor a separator that belongs to a longer number, may stand before. */
export const ALONE_BEFORE = '(?<![A-Za-z0-9_]|[A-Za-z0-9_][-/+]|\\d[.:])';

/** The same for what follows. */
export const ALONE_AFTER = '(?![A-Za-z0-9_]|[-./:][A-Za-z0-9_])';
