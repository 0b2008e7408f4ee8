/** Such as `reviewer` or `docs/writer`. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}(?:\/[a-z0-9][a-z0-9_-]{0,63}){0,3}$/i;

/**
 * The name of what a markdown file describes: its path without folder and ending.
 *
 * @param path - below the folder, such as `docs/writer.md`
 * @returns undefined when it cannot be a name
 */
export function nameOf(path: string): string | undefined {
  const name = path.replace(/\.md$/i, '');
  return NAME.test(name) ? name : undefined;
}

/** What is said of a name that cannot be one. */
export const NAME_FAULT =
  'the name of the file has to consist of letters, digits, "-" and "_", at most 64 of them, in at most 3 folders; rename it';
