import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
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

/**
 * Provides one file of a package, of which the rest is not wanted.
 *
 * @param path - in the package
 * @param folder - for this version of the package
 * @returns where the file is
 * @throws Error saying what to do when it can neither be found nor downloaded
 */
export async function provideFileFromNpm(
  spec: string,
  path: string,
  folder: string,
): Promise<string> {
  const file = join(folder, 'package', path);
  if (existsSync(file)) {
    return file;
  }
  mkdirSync(folder, { recursive: true });
  const unfinished = mkdtempSync(join(folder, 'unfinished.'));
  try {
    const packed = ['pack', spec, '--pack-destination', unfinished];
    await npm([...packed, '--prefer-offline'], spec);
    const [archive] = readdirSync(unfinished);
    const { code, stderr } = await runProgram(
      'tar',
      ['-xzf', join(unfinished, archive), '-C', unfinished, `package/${path}`],
      { env: process.env, timeoutMs: DOWNLOAD_TIMEOUT_MS },
    );
    if (code !== 0) {
      throw new Error(`${spec} has no ${path}:\n${stderr}`);
    }
    mkdirSync(dirname(file), { recursive: true });
    renameSync(join(unfinished, 'package', path), file);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return file;
}

async function npmInstall(specs: string[], prefix: string): Promise<void> {
  await npm(
    [
      ...['install', '--prefix', prefix],
      ...['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
      ...['--prefer-offline', ...specs],
    ],
    specs.join(' '),
  );
}

/** @param what - is got, for the message when that fails */
async function npm(args: string[], what: string): Promise<void> {
  const [program, ...first] = npmCommand();
  const { code, stdout, stderr } = await runProgram(
    program,
    [...first, ...args],
    { env: process.env, timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  if (code !== 0) {
    throw new Error(
      `npm could not get ${what} (${
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
