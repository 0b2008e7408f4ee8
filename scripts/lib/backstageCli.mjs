import { fromRoot } from './paths.mjs';

/**
 * A command of Backstage's CLI, independent of shells and PATH.
 *
 * @param {string} node path of the Node binary
 * @param {...string} args arguments of `backstage-cli`
 * @returns {string[]} program and arguments
 */
export function backstageCli(node, ...args) {
  const cli = fromRoot('node_modules/@backstage/cli/bin/backstage-cli');
  return [node, cli, ...args];
}
