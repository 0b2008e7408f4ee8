import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What the sandbox process runs, and all that it may read for it. */
export interface ProgramFiles {
  entry: string;
  wasm: string;
  /** Folders, as they are looked up and where links lead. */
  readable: string[];
}

/**
 * Finds the sandbox process's program: compiled in the published package,
 * TypeScript in the repository.
 *
 * @throws Error if a dependency is not installed.
 */
export function findProgramFiles(): ProgramFiles {
  // Both `src/isolation/` and `dist/isolation/` are one below the code.
  // eslint-disable-next-line no-restricted-syntax -- the built package keeps the folders
  const code = resolve(__dirname, '..');
  const compiled = join(code, 'sandbox.cjs.js');
  const entry = existsSync(compiled)
    ? compiled
    : join(code, 'sandbox', 'fromSources.mjs');
  const engine = findPackage('quickjs-wasi', code);
  const folders = [code, engine, findPackage('acorn', code)];
  return {
    entry,
    wasm: join(engine, 'quickjs.wasm'),
    readable: [
      ...new Set(folders.flatMap(folder => [folder, realpathSync(folder)])),
    ],
  };
}

/** As Node.js looks it up, without reading what its package.json exports. */
function findPackage(name: string, from: string): string {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) {
    return folder;
  }
  const parent = dirname(from);
  if (parent === from) {
    throw new Error(`The package ${name} is not installed`);
  }
  return findPackage(name, parent);
}
