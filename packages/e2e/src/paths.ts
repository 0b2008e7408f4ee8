import { dirname, resolve } from 'node:path';

const PACKAGE_DIR = dirname(require.resolve('../package.json'));
const ROOT_DIR = resolve(PACKAGE_DIR, '../..');

/** Resolves a path inside this package. */
export function fromPackage(...segments: string[]): string {
  return resolve(PACKAGE_DIR, ...segments);
}

/** Resolves a path inside the repository. */
export function fromRoot(...segments: string[]): string {
  return resolve(ROOT_DIR, ...segments);
}
