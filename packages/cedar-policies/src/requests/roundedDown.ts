import type { PolicyReads } from '../reads';

/**
 * The first moment at which all that the time is compared with gives what it
 * does now, so that answers can be remembered. Cedar counts milliseconds.
 *
 * @param at - ISO 8601, UTC
 */
export function roundedDown(at: string, { moments }: PolicyReads): string {
  if (!moments?.size) {
    return at;
  }
  const now = Date.parse(at);
  let rounded = Math.min(...moments) - 1;
  for (const moment of moments) {
    for (const step of [moment, moment + 1]) {
      if (step <= now && step > rounded) {
        rounded = step;
      }
    }
  }
  return new Date(rounded).toISOString();
}
