const TEXT = /\.(?:md|ya?ml)$/i;
const README = /(?:^|\/)readme\.md$/i;

/**
 * Whether a file can be a part of the sources: markdown or YAML, neither hidden
 * nor in a hidden folder, and no README.
 *
 * @param path - relative to the top, with `/`
 */
export function isSource(path: string): boolean {
  return (
    TEXT.test(path) &&
    !README.test(path) &&
    path.split('/').every(part => !part.startsWith('.'))
  );
}
