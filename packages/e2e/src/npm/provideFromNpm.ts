import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { runProgram } from '../processes';

/** How long {@link provideFromNpm} may take; the largest package has 400 MB. */
export const DOWNLOAD_TIMEOUT_MS = 240_000;

/**
 * Provides packages in a folder: what an earlier run has installed, else from
 * npm. No script of theirs runs.
 *
 * @param specs - such as `name@1.2.3`
 * @throws Error saying what to do when they can neither be found nor installed
 */
export async function provideFromNpm(
  specs: string[],
  folder: string,
): Promise<void> {
  if (existsSync(folder)) {
    return;
  }
  mkdirSync(dirname(folder), { recursive: true });
  // Into a temporary folder first, so that what is at the final place is complete.
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    await npmInstall(specs, unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) {
      throw error;
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function npmInstall(specs: string[], prefix: string): Promise<void> {
  const [program, ...args] = npmCommand();
  const { code, stdout, stderr } = await runProgram(
    program,
    [
      ...[...args, 'install', '--prefix', prefix],
      ...['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
      ...['--prefer-offline', ...specs],
    ],
    { env: process.env, timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  if (code !== 0) {
    throw new Error(
      `npm could not install ${specs.join(' ')} (${
        code ?? 'time limit'
      }), which the tests need once; later runs work offline. Check the network and run them again.\n${stdout}${stderr}`,
    );
  }
}

// `npm` itself is a shell script on Windows, which cannot be spawned, so the npm that runs the
// tests is preferred.
function npmCommand(): string[] {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
}
