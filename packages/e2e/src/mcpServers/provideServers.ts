import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DOWNLOAD_TIMEOUT_MS, provideFromNpm } from '../npm';
import { fromRoot } from '../paths';
import { SERVER_PACKAGES, ServerPackage } from './pins';

/** Ignored by git, and shared by all runs. */
const FOLDER = fromRoot('.toolchain/mcp-servers');

/** How long {@link provideServers} may take. */
export const SERVERS_INSTALL_TIMEOUT_MS = DOWNLOAD_TIMEOUT_MS + 20_000;

/** Where the files of a package are: takes its name, and a path in it. */
export type PathIn = (name: ServerPackage, path: string) => string;

/** Provides the pinned packages, as {@link provideFromNpm} does. */
export async function provideServers(): Promise<PathIn> {
  const specs = Object.entries(SERVER_PACKAGES).map(
    ([name, version]) => `${name}@${version}`,
  );
  const digest = createHash('sha256').update(specs.join(' ')).digest('hex');
  const folder = join(FOLDER, digest.slice(0, 16));
  await provideFromNpm(specs, folder);
  return (name, path) => join(folder, 'node_modules', name, path);
}
