import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../paths';
import { runProgram } from '../processes';
import type { CodingTool } from './pins';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/coding-tools');

/** How long an installation may take: a tool has up to 200 MB. */
export const INSTALL_TIMEOUT_MS = 300_000;

const START_TIMEOUT_MS = 30_000;

/**
 * Provides a coding tool: what an earlier run has installed, else from npm.
 *
 * @returns path of its binary
 * @throws Error saying what to do when it can neither be found nor installed
 */
export async function provideCodingTool(tool: CodingTool): Promise<string> {
  const folder = join(FOLDER, `${tool.package}@${tool.version}`);
  if (!existsSync(folder)) {
    await install(tool, folder);
  }
  for (const path of tool.binaries) {
    const binary = join(folder, 'node_modules', path);
    if (existsSync(binary) && (await isUsable(binary))) {
      return binary;
    }
  }
  throw new Error(
    `${tool.package}@${tool.version} has no binary that runs on ${process.platform}-${process.arch} in ${folder}. Remove that folder to install it again.`,
  );
}

/** Into a temporary folder first, so that what is at the final place is complete. */
async function install(tool: CodingTool, folder: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    await npmInstall(`${tool.package}@${tool.version}`, unfinished);
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
      ...['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', spec],
    ],
    { env: process.env, timeoutMs: INSTALL_TIMEOUT_MS - 10_000 },
  );
  if (code !== 0) {
    throw new Error(
      `Could not install ${spec} from npm, which the tests need once; later runs work offline. Check the network and run them again.\n${stdout}${stderr}`,
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
