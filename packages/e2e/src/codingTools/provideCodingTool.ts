import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fromRoot } from '../paths';
import { runProgram } from '../processes';
import type { CodingTool } from './pins';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/coding-tools');

/** How long one package may take; its binary has up to 400 MB. */
const DOWNLOAD_TIMEOUT_MS = 240_000;

const START_TIMEOUT_MS = 30_000;

/** How long {@link provideCodingTool} may take. */
export const INSTALL_TIMEOUT_MS = 2 * DOWNLOAD_TIMEOUT_MS;

/**
 * Provides a coding tool: what an earlier run has installed, else from npm.
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
      if (!existsSync(folder)) {
        await install(spec, folder);
      }
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
    `Could not provide ${tool.name} ${
      tool.version
    }, which the tests install from npm once; later runs work offline. Check the network and run them again.\n${failures.join(
      '\n',
    )}`,
  );
}

/** Into a temporary folder first, so that what is at the final place is complete. */
async function install(spec: string, folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    await npmInstall(spec, unfinished);
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

async function npmInstall(spec: string, prefix: string): Promise<void> {
  const [program, ...args] = npmCommand();
  const { code, stdout, stderr } = await runProgram(
    program,
    [
      ...[...args, 'install', '--prefix', prefix],
      ...['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
      ...['--prefer-offline', spec],
    ],
    { env: process.env, timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  if (code !== 0) {
    throw new Error(
      `npm could not install ${spec} (${
        code ?? 'time limit'
      }): ${stdout}${stderr}`,
    );
  }
}

// `npm` itself is a shell script on Windows, which cannot be spawned, so the npm that runs the
// tests is preferred.
function npmCommand(): string[] {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
}

async function isUsable(binary: string): Promise<boolean> {
  const { code } = await runProgram(binary, ['--version'], {
    timeoutMs: START_TIMEOUT_MS,
  });
  return code === 0;
}
