import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rootDir } from './paths.mjs';

const SKIPPED_FOLDERS = new Set([
  'node_modules',
  'dist',
  'dist-types',
  'coverage',
]);

/**
 * Hashes names and contents of files, so that a step can tell whether its input changed.
 *
 * @param {string[]} paths absolute paths of files and folders; those that do not exist are skipped
 * @returns {string} SHA-256 in hexadecimal
 */
export function contentHash(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(listFiles).sort()) {
    hash.update(relative(rootDir, file)).update('\0');
    hash.update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * Reads the hash that a finished step has left behind.
 *
 * @param {string} file absolute path of the marker
 * @returns {string | undefined} the hash, or undefined when the step has not run yet
 */
export function readMarker(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function listFiles(path) {
  if (!existsSync(path)) {
    return [];
  }
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path, { withFileTypes: true })
    .filter(entry => !(entry.isDirectory() && SKIPPED_FOLDERS.has(entry.name)))
    .flatMap(entry => listFiles(join(path, entry.name)));
}
