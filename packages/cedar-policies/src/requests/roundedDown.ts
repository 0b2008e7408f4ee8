import type { PolicyReads } from '../reads';

/**
 * The first moment at which all that the time is compared with gives what it
 * does now, so that answers can be remembered. Cedar counts milliseconds.
 *
 * @param at - ISO 8601, UTC
 */
export function roundedDown(at: string, { moments }: PolicyReads): string {
  return moments?.size
    ? new Date(lowestAlike(Date.parse(at), moments)).toISOString()
    : at;
}

/**
 * The lowest number that gives what a number in a record of the language does.
 *
 * @param path - of the number in the context, such as `request.inputTokens`
 */
export function roundedNumber(
  value: number | undefined,
  path: string,
  { numbers }: PolicyReads,
): number | undefined {
  const compared = numbers.get(path);
  // Cedar has to refuse what is no whole number.
  return compared && Number.isSafeInteger(value)
    ? lowestAlike(value!, compared)
    : value;
}

/** The lowest whole number that compares with all of some as a number does. */
function lowestAlike(value: number, compared: ReadonlySet<number>): number {
  let rounded = Math.min(...compared) - 1;
  for (const one of compared) {
    for (const step of [one, one + 1]) {
      if (step <= value && step > rounded) {
        rounded = step;
      }
    }
  }
  return rounded;
}
