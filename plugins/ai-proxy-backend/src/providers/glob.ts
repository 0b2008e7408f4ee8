/**
 * Compiles names with `*` as a wildcard for anything, as in grants and
 * configuration.
 *
 * @returns whether a name matches one of them
 */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')));
  const wild = patterns
    .filter(pattern => pattern.includes('*'))
    .map(
      pattern =>
        new RegExp(
          `^${pattern
            .split(/\*+/)
            .map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
            .join('.*')}$`,
          's',
        ),
    );
  return name => exact.has(name) || wild.some(pattern => pattern.test(name));
}
