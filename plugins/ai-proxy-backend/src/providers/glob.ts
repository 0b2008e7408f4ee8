/**
 * Compiles names with `*` as a wildcard for anything, as in grants and
 * configuration. Clients choose the names, so that no regular expression tries
 * them: the first place where each part fits is the best for the rest.
 *
 * @returns whether a name matches one of them
 */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')));
  const wild = patterns
    .filter(pattern => pattern.includes('*'))
    .map(pattern => pattern.split(/\*+/));
  return name => exact.has(name) || wild.some(parts => fits(name, parts));
}

function fits(name: string, [first, ...rest]: string[]): boolean {
  const last = rest.pop()!;
  if (
    !name.startsWith(first) ||
    !name.endsWith(last) ||
    name.length < first.length + last.length
  ) {
    return false;
  }
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) {
      return false;
    }
    at = found + part.length;
  }
  return true;
}
