import { createHash } from 'node:crypto';
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
import { SERVER_PACKAGES, ServerPackage } from './pins';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/mcp-servers');

const DOWNLOAD_TIMEOUT_MS = 240_000;

/** How long {@link provideServers} may take. */
export const SERVERS_INSTALL_TIMEOUT_MS = DOWNLOAD_TIMEOUT_MS + 20_000;

/** Where the files of a package are: takes its name, and a path in it. */
export type PathIn = (name: ServerPackage, path: string) => string;

/**
 * Provides the pinned packages: what an earlier run has installed, else from
 * npm. No script of theirs runs.
 *
 * @throws Error saying what to do when they can neither be found nor installed
 */
export async function provideServers(): Promise<PathIn> {
  const specs = Object.entries(SERVER_PACKAGES).map(
    ([name, version]) => `${name}@${version}`,
  );
  const digest = createHash('sha256').update(specs.join(' ')).digest('hex');
  const folder = join(FOLDER, digest.slice(0, 16));
  if (!existsSync(folder)) {
    await install(specs, folder);
  }
  return (name, path) => join(folder, 'node_modules', name, path);
}

/** Into a temporary folder first, so that what is at the final place is complete. */
async function install(specs: string[], folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
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
  const { code, stdout, stderr } = await runProgram(
    'npm',
    [
      ...['install', '--prefix', prefix],
      ...['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
      ...['--prefer-offline', ...specs],
    ],
    { env: process.env, timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  if (code !== 0) {
    throw new Error(
      `npm could not install the MCP servers (${
        code ?? 'time limit'
      }), which the tests need once; later runs work offline. Check the network and run them again.\n${stdout}${stderr}`,
    );
  }
}
