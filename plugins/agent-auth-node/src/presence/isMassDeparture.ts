/** So many who leave at once may really have left, unless they are half of all; beyond, a tenth of all may. */
const MANY = 5;
const MANY_SHARE = 0.1;

/**
 * Whether so many users and services are missing at once that it says more about
 * the catalog than about them: it lost a source, or has only begun to read. Then
 * nothing should be done to them that cannot be undone.
 *
 * @param gone - how many are missing
 * @param all - of how many
 * @public
 */
export function isMassDeparture(gone: number, all: number): boolean {
  return (
    gone > Math.max(MANY, all * MANY_SHARE) || (gone > 1 && gone >= all / 2)
  );
}
