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
