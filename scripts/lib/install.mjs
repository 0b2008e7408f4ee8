import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, readMarker } from './contentHash.mjs';
import { nodeEnv } from './node.mjs';
import { fromRoot, rootDir } from './paths.mjs';
import { runStep } from './step.mjs';
import { listWorkspaces } from './workspaces.mjs';

const MARKER = fromRoot('node_modules', '.prompt-corner-install');
const YARN_STATE = fromRoot('node_modules', '.yarn-state.yml');

/**
 * Installs the dependencies with the vendored Yarn, if they changed since the last time.
 *
 * @param {string} node path of the Node binary
 */
export async function installDependencies(node) {
  const hash = contentHash([
    fromRoot('yarn.lock'),
    fromRoot('.yarnrc.yml'),
    fromRoot('package.json'),
    ...listWorkspaces().map(({ dir }) => join(dir, 'package.json')),
  ]);
  if (existsSync(YARN_STATE) && readMarker(MARKER) === hash) {
    return;
  }
  await runStep(
    'Installing dependencies (about a minute the first time)',
    [node, vendoredYarn(), 'install', '--immutable'],
    {
      cwd: rootDir,
      env: nodeEnv(node),
      hint:
        'Packages come from the npm registry: check the network and any proxy settings, then run the command again.\n' +
        'If Yarn says that the lockfile would be modified, run the vendored Yarn without --immutable first.',
    },
  );
  writeFileSync(MARKER, hash);
}

/**
 * The Yarn release in the repository.
 *
 * @returns {string} absolute path of the script that Node runs
 */
export function vendoredYarn() {
  const yarnrc = readFileSync(fromRoot('.yarnrc.yml'), 'utf8');
  return fromRoot(/^yarnPath:\s*(\S+)/m.exec(yarnrc)[1]);
}
