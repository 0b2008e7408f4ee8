import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoAddress } from './startDemo';

const POLL_INTERVAL_MS = 200;

/** Enough for a build of the app and a start of the portal on a slow machine. */
export const READY_TIMEOUT_MS = 240_000;

/**
 * Waits until the demo serves requests and its organisation is in the catalog.
 *
 * @throws Error with the log when the demo has stopped or takes too long
 */
export async function waitUntilReady(demo: DemoAddress): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS - 5_000;
  while (!(await isReady(demo.url))) {
    if (!isRunning(demo.pid)) {
      throw failure('The demo has stopped', demo);
    }
    if (Date.now() > deadline) {
      throw failure('The demo is not ready in time', demo);
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/.backstage/health/v1/readiness`, {
      signal: AbortSignal.timeout(5_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks whether the process exists.
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function failure(message: string, { logFile }: DemoAddress): Error {
  return new Error(`${message}:\n${readFileSync(logFile, 'utf8')}`);
}
