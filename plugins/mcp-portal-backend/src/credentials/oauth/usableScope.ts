/**
 * What of a grant is used: what the issuer granted and the user chose.
 *
 * @param granted - separated by spaces, as RFC 6749 has it
 * @param chosen - the same; undefined when the user made no choice
 */
export function usableScope(
  granted: string | undefined,
  chosen: string | undefined,
): string | undefined {
  if (chosen === undefined) {
    return granted;
  }
  const wanted = scopesIn(chosen);
  // An issuer that does not say what it granted, granted what was asked for.
  return granted === undefined
    ? chosen
    : scopesIn(granted)
        .filter(scope => wanted.includes(scope))
        .join(' ');
}

/** The single scopes of a scope. */
export function scopesIn(scope: string | undefined): string[] {
  return scope?.split(' ').filter(Boolean) ?? [];
}
