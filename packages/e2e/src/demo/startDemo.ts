import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { fromRoot } from '../paths';

const STOP_TIMEOUT_MS = 20_000;

const NOWHERE = 'http://127.0.0.1:9';

/** Package registries that do not answer, for every package manager there is. */
const NO_REGISTRY = {
  npm_config_registry: NOWHERE,
  YARN_NPM_REGISTRY_SERVER: NOWHERE,
};

/** Where a demo runs; plain data, so that it can be handed to other processes. */
export interface DemoAddress {
  /** Base URL of the portal, such as `http://localhost:34567`. */
  url: string;
  /** The process of `npm start`. */
  pid: number;
  /** What `npm start` has printed. */
  logFile: string;
  /** Folder of its databases. */
  dataDir: string;
}

/** A demo that this process has started. */
export interface StartedDemo {
  address: DemoAddress;
  /** Stops the portal and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts the demo as `npm start` does, on a free port and with empty data.
 * It is ready some seconds after this returns: see {@link waitUntilReady}.
 */
export async function startDemo(): Promise<StartedDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'prompt-corner-e2e-'));
  const logFile = join(folder, 'start.log');
  const dataDir = join(folder, 'data');
  const port = await findFreePort();
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: fromRoot(),
    env: {
      ...process.env,
      PORT: String(port),
      PROMPT_CORNER_DATA: dataDir,
      // The script also stops when its parent is gone, if it believes that npm runs it. A test
      // run that is killed leaves no portal behind then.
      npm_lifecycle_event: 'start',
      // Once everything is installed, a start needs no network.
      ...NO_REGISTRY,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit');

  return {
    address: {
      url: `http://localhost:${port}`,
      pid: child.pid!,
      logFile,
      dataDir,
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
        await exited;
        clearTimeout(killer);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
