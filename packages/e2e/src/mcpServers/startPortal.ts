import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { stringify } from 'yaml';
import { waitUntilReady } from '../demo';
import { fromRoot } from '../paths';

/** A portal of a test's own. */
export interface OwnPortal {
  /** Where this process listens. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the backend of the demo with further configuration, and waits until
 * its organisation is in the catalog.
 *
 * @param options.folder - for its data and its log
 * @param options.entities - of the catalog, instead of the MCP servers of the demo
 * @param options.config - laid over that of the demo
 * @param options.replicaOf - a portal with the same database; its URL is what clients are told
 */
export async function startPortal(options: {
  folder: string;
  entities?: object[];
  config: { backend?: object; [section: string]: unknown };
  replicaOf?: OwnPortal;
}): Promise<OwnPortal> {
  const { folder, entities, config, replicaOf } = options;
  const port = await findFreePort();
  const dataDir = join(folder, 'data');
  const own = join(folder, 'app-config.yaml');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(
    own,
    stringify({
      ...config,
      backend: { ...config.backend, listen: { port } },
      ...(entities && { catalog: catalogOf(entities, folder) }),
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
        // What the configuration of the demo makes of it is the base URL.
        PORT: replicaOf ? new URL(replicaOf.url).port : String(port),
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

/** The organisation of the demo, and some entities besides. */
function catalogOf(entities: object[], folder: string): object {
  const file = join(folder, 'entities.yaml');
  writeFileSync(file, entities.map(each => stringify(each)).join('---\n'));
  return {
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
      { type: 'file', target: file },
    ],
  };
}
