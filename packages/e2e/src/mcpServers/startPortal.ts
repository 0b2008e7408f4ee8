import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findFreePort, waitUntilReady } from '../demo';
import { fromRoot } from '../paths';

/** A portal of a test's own. */
export interface OwnPortal {
  /** Base URL. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the backend of the demo with further configuration, and waits until
 * its organisation is in the catalog.
 *
 * @param options.folder - for its data and its log
 * @param options.entities - further entities of the catalog
 * @param options.config - laid over that of the demo
 */
export async function startPortal(options: {
  folder: string;
  entities: object[];
  config: object;
}): Promise<OwnPortal> {
  const { folder, entities, config } = options;
  const port = await findFreePort();
  const dataDir = join(folder, 'data');
  const own = join(folder, 'app-config.yaml');
  const entityFile = join(folder, 'entities.yaml');
  mkdirSync(dataDir);
  writeFileSync(
    entityFile,
    entities.map(each => stringify(each)).join('---\n'),
  );
  writeFileSync(
    own,
    stringify({
      ...config,
      catalog: {
        locations: [
          {
            type: 'file',
            target: fromRoot('examples/organisation/all.yaml'),
            rules: [
              {
                allow: [
                  ...['Component', 'System', 'Domain', 'API', 'Resource'],
                  ...['Location', 'Group', 'User', 'AiResource'],
                ],
              },
            ],
          },
          { type: 'file', target: entityFile },
        ],
      },
    }),
  );
  const logFile = join(folder, 'backend.log');
  const log = openSync(logFile, 'w');
  const child = spawn(
    process.execPath,
    [
      ...['--require', '@backstage/cli/config/nodeTransform.cjs'],
      'src/index.ts',
      ...['app-config.yaml', 'app-config.demo.yaml'].flatMap(file => [
        '--config',
        fromRoot(file),
      ]),
      ...['--config', own],
    ],
    {
      cwd: fromRoot('packages/backend'),
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: String(port),
        PROMPT_CORNER_DATA: dataDir,
      },
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  const url = `http://localhost:${port}`;
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
  };
  try {
    await waitUntilReady({ url, pid: child.pid!, logFile, dataDir });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
