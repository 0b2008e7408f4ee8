import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from './paths.mjs';

/**
 * Lists the workspaces of the repository.
 *
 * @returns {{ dir: string, role: string | undefined }[]} absolute folder and Backstage role of each
 */
export function listWorkspaces() {
  return ['packages', 'plugins']
    .map(folder => fromRoot(folder))
    .filter(folder => existsSync(folder))
    .flatMap(folder => readdirSync(folder).map(name => join(folder, name)))
    .filter(dir => existsSync(join(dir, 'package.json')))
    .map(dir => {
      const manifest = JSON.parse(
        readFileSync(join(dir, 'package.json'), 'utf8'),
      );
      return { dir, role: manifest.backstage?.role };
    });
}
