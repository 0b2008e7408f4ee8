import { matchesPattern } from '@prompt-corner/cedar-policies';

/**
 * Compiles names with `*` as a wildcard for anything, as in grants and
 * configuration. No regular expression tries them, as clients choose the names.
 *
 * @returns whether a name matches one of them
 */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')));
  const wild = patterns
    .filter(pattern => pattern.includes('*'))
    .map(pattern => pattern.split('*'));
  return name =>
    exact.has(name) || wild.some(parts => matchesPattern(name, parts));
}

/** The same for names in which capitals do not matter, such as those of models where one is limited by them. */
export function caselessGlobs(
  patterns: readonly string[],
): (name: string) => boolean {
  const matches = globs(patterns.map(pattern => pattern.toLowerCase()));
  return name => matches(name.toLowerCase());
}
