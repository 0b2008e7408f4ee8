import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. */
export const rootDir = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../..',
);

/**
 * Resolves a path inside the repository.
 *
 * @param {...string} segments path segments below the root folder
 * @returns {string} absolute path
 */
export const fromRoot = (...segments) => resolve(rootDir, ...segments);
