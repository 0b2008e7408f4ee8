import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import type { ChildOptions } from './childBackend';

const READINESS_INTERVAL_MS = 200;

/** A backend in a process of its own. */
export interface Child {
  baseUrl: string;
  pid: number;
  /**
   * Does something during which the backend is in development mode. The auth
   * backend then takes agent-auth as a client at a loopback address; but the
   * catalog's answers are larger, so nothing is measured in this mode.
   */
  inDevelopment<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts a backend in a process of its own, and waits until it serves.
 *
 * @param options.entry - what it runs, as a path in this package
 * @param options.log - the name of its log in `.data/`
 * @param options.tell - what its `runChild` is given, besides the port
 * @throws Error when it ends before it serves, with the path of its log
 */
export async function startChild<Options extends ChildOptions>(options: {
  entry: string;
  log: string;
  tell: Omit<Options, 'port'>;
}): Promise<Child> {
  const inPackage = (path: string) =>
    resolvePackagePath('@prompt-corner/benchmarks', path);
  const logFile = inPackage(`.data/${options.log}`);
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const port = await findFreePort();
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      inPackage(options.entry),
    ],
    {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  const exited = once(child, 'exit');
  child.send({ ...options.tell, port });

  const baseUrl = `http://127.0.0.1:${port}`;
  while (!(await isReady(baseUrl))) {
    if (child.exitCode !== null) {
      throw new Error(`The backend did not start; its log is ${logFile}`);
    }
    await delay(READINESS_INTERVAL_MS);
  }
  const become = async (mode: string) => {
    child.send(mode);
    await once(child, 'message');
  };
  return {
    baseUrl,
    pid: child.pid!,
    inDevelopment: async work => {
      await become('development');
      try {
        return await work();
      } finally {
        await become('production');
      }
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

async function isReady(baseUrl: string): Promise<boolean> {
  const url = `${baseUrl}/.backstage/health/v1/readiness`;
  const response = await fetch(url).catch(() => undefined);
  return response?.ok === true;
}
