import { writeFileSync } from 'node:fs';
import { backstageCli } from './backstageCli.mjs';
import { contentHash, readMarker } from './contentHash.mjs';
import { nodeEnv } from './node.mjs';
import { fromRoot } from './paths.mjs';
import { runStep } from './step.mjs';
import { listWorkspaces } from './workspaces.mjs';

const APP_DIR = fromRoot('packages/app');
const MARKER = fromRoot('packages/app/dist/.content-hash');

// The bundle of the app contains these; a change in any other workspace cannot change it.
const ROLES_IN_THE_BUNDLE = new Set([
  'frontend',
  'frontend-plugin',
  'frontend-plugin-module',
  'web-library',
  'common-library',
]);

/**
 * Builds the app that the backend serves, unless the last build had the same input.
 *
 * @param {string} node path of the Node binary
 */
export async function buildApp(node) {
  const hash = contentHash([
    fromRoot('yarn.lock'),
    fromRoot('app-config.yaml'),
    ...listWorkspaces()
      .filter(({ role }) => ROLES_IN_THE_BUNDLE.has(role))
      .map(({ dir }) => dir),
  ]);
  if (readMarker(MARKER) === hash) {
    return;
  }
  await runStep(
    'Building the app',
    backstageCli(
      node,
      'package',
      'build',
      '--config',
      fromRoot('app-config.yaml'),
    ),
    {
      cwd: APP_DIR,
      env: { ...nodeEnv(node), NODE_ENV: 'production' },
      hint: 'The output above says which file does not build.',
    },
  );
  writeFileSync(MARKER, hash);
}
