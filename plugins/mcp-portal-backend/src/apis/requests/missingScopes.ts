import type { ApiOperation } from '../specification';

/**
 * The scopes that an operation needs and a user has not granted: the fewest, of
 * the ways in which it can be allowed.
 *
 * @returns none when it is allowed
 */
export function missingScopes(
  { security }: ApiOperation,
  granted: readonly string[],
): string[] {
  const [fewest = []] = security
    .map(requirement =>
      [...new Set(Object.values(requirement).flat())].filter(
        scope => !granted.includes(scope),
      ),
    )
    .sort((a, b) => a.length - b.length);
  return fewest;
}
