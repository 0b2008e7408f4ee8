import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { findFreePort } from '@prompt-corner/backend-testing/ports';

const PACKAGE_DIR = resolvePackagePath('backend');
const ROOT_DIR = resolve(PACKAGE_DIR, '../..');

/**
 * Starts this package as its own process with the demo configuration, on a free port.
 *
 * @param options - `config` is the path of a file that is laid over the demo configuration,
 *   `dataDir` a folder for its databases
 * @returns the URL, all output so far, and how to stop it
 */
export async function startPortal(options: {
  config: string;
  dataDir: string;
}) {
  const port = await findFreePort();
  const child = spawn(
    process.execPath,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/index.ts',
      ...[
        resolve(ROOT_DIR, 'app-config.yaml'),
        resolve(ROOT_DIR, 'app-config.demo.yaml'),
        options.config,
      ].flatMap(file => ['--config', file]),
    ],
    {
      cwd: PACKAGE_DIR,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: String(port),
        PROMPT_CORNER_DATA: options.dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'exit');
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return {
    url: `http://localhost:${port}`,
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
