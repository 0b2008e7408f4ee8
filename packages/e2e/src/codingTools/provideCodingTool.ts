import { join } from 'node:path';
import { DOWNLOAD_TIMEOUT_MS, provideFromNpm } from '../npm';
import { fromRoot } from '../paths';
import { runProgram } from '../processes';
import type { CodingTool } from './pins';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/coding-tools');

const START_TIMEOUT_MS = 30_000;

/** How long {@link provideCodingTool} may take. */
export const INSTALL_TIMEOUT_MS = 2 * DOWNLOAD_TIMEOUT_MS;

/**
 * Provides a coding tool, as {@link provideFromNpm} does.
 *
 * @returns path of its binary
 * @throws Error saying what to do when it can neither be found nor installed
 */
export async function provideCodingTool(tool: CodingTool): Promise<string> {
  const failures: string[] = [];
  for (const { package: name, version, path } of tool.binaries) {
    const spec = `${name}@${version ?? tool.version}`;
    const folder = join(FOLDER, spec);
    try {
      await provideFromNpm([spec], folder);
      const binary = join(folder, 'node_modules', name, path);
      if (await isUsable(binary)) {
        return binary;
      }
      failures.push(`${binary} does not run on this machine`);
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new Error(
    `Could not provide ${tool.name} ${tool.version}.\n${failures.join('\n')}`,
  );
}

async function isUsable(binary: string): Promise<boolean> {
  const { code } = await runProgram(binary, ['--version'], {
    timeoutMs: START_TIMEOUT_MS,
  });
  return code === 0;
}
