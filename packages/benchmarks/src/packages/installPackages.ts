import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MAX_INSTALL_MS = 5 * 60_000;

/** Packages in a folder of their own, outside of the workspace. */
export interface InstalledPackages {
  folder: string;
  remove(): Promise<void>;
}

/**
 * Installs npm packages that are only measured against or read, so that they
 * are no dependencies of the workspace. Their install scripts do not run.
 *
 * @param packages - each with its version, such as `mcp-proxy@6.7.19`
 * @param overrides - versions of what they need in turn, by name, where newer ones break them
 * @throws Error with what npm said
 */
export async function installPackages(
  packages: string[],
  overrides: Record<string, string> = {},
): Promise<InstalledPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'prompt-corner-packages-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ overrides }),
    );
    await promisify(execFile)(
      'npm',
      [
        'install',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        '--prefix',
        folder,
        ...packages,
      ],
      { cwd: folder, timeout: MAX_INSTALL_MS },
    );
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}
