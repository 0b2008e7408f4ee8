import type { DetectorFacts } from '../detectors/Detector';

/** A preview shows at most a third of what was found. */
const SHOWN_SHARE = 3;

/** @returns what kind of thing a find is, such as `ghp_…(40)`, without repeating it */
export function previewOf(detector: DetectorFacts, found: string): string {
  const shown = Math.min(
    detector.previewChars ?? 0,
    Math.floor(found.length / SHOWN_SHARE),
  );
  // What was hidden or escaped within a prefix could be anything.
  const prefix = /^[\x21-\x7e]*/.exec(found.slice(0, shown))![0];
  return `${prefix}…(${found.length})`;
}
