import type { Severity } from '../../findings';
import { isLetter } from '../../text/ascii';
import { foldPhrase } from '../../text/TextView';
import { anchoredPattern } from '../anchored';
import type { AnchoredDetector } from '../Detector';

/** What may stand between two words: any bounded whitespace, also with a mark of quoting, comments or lists at a line's start. */
export const GAP = '[\\s>*#_~/|-]{1,6}';

/**
 * A detector for a phrase that tries to steer a model.
 *
 * @param options.name - the id is `injection.<name>`
 * @param options.phrase - source of a pattern, in any case; a space stands for
 *   any gap between words; it starts with one of the anchors
 */
export function injectionPattern(options: {
  name: string;
  description: string;
  severity: Severity;
  anchors: readonly string[];
  phrase: string;
}): AnchoredDetector {
  const detector = anchoredPattern({
    id: `injection.${options.name}`,
    category: 'prompt-injection',
    severity: options.severity,
    description: options.description,
    previewChars: 0,
    anchors: options.anchors,
    pattern: new RegExp(
      `(?:${foldPhrase(options.phrase).replace(/ /g, GAP)})(?![A-Za-z])`,
      'i',
    ),
  });
  return {
    ...detector,
    // Most anchors are parts of longer words: to see that takes a fraction of a pattern's start.
    find: (view, start, end) =>
      isLetter(view.text.charCodeAt(start - 1))
        ? undefined
        : detector.find(view, start, end),
  };
}
