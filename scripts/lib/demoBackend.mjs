import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { demoConfigFiles } from './demo.mjs';
import { nodeEnv } from './node.mjs';
import { fromRoot } from './paths.mjs';
import { StepError, tail } from './step.mjs';

const READY_TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 250;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts the backend with the demo organisation as a child process.
 *
 * @param {{ node: string, port: number, url: string, dataDir: string, verbose?: boolean }} options
 *   `verbose` shows the log on the console as well
 * @returns {{ logFile: string, exited: Promise<string>, waitUntilReady(): Promise<void>, stop(): Promise<void> }}
 *   `exited` settles with the reason when the process has ended
 */
export function startDemoBackend({ node, port, url, dataDir, verbose }) {
  mkdirSync(dataDir, { recursive: true });
  const logFile = join(dataDir, 'backend.log');
  const log = openSync(logFile, 'w');

  const child = spawn(
    node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/index.ts',
      ...demoConfigFiles.flatMap(file => ['--config', file]),
    ],
    {
      cwd: fromRoot('packages/backend'),
      env: nodeEnv(node, {
        NODE_ENV: 'development',
        PORT: String(port),
        PROMPT_CORNER_DATA: dataDir,
      }),
      stdio: verbose ? ['ignore', 'pipe', 'pipe'] : ['ignore', log, log],
      // In its own process group, so that Ctrl-C in a terminal reaches only the script, which
      // then stops the backend in order.
      detached: process.platform !== 'win32',
    },
  );
  closeSync(log);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', chunk => {
      appendFileSync(logFile, chunk);
      process.stdout.write(chunk);
    });
  }
  const exited = new Promise(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

  return {
    logFile,
    exited,

    async waitUntilReady() {
      let endReason;
      exited.then(reason => {
        endReason = reason;
      });
      const deadline = Date.now() + READY_TIMEOUT_MS;
      while (!(await isReady(url))) {
        if (endReason) {
          throw backendError(`The backend stopped (${endReason})`, logFile);
        }
        if (Date.now() > deadline) {
          throw backendError(
            `The backend is not ready after ${READY_TIMEOUT_MS / 1000} s`,
            logFile,
          );
        }
        await sleep(POLL_INTERVAL_MS);
      }
    },

    async stop() {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(killer);
    },
  };
}

/**
 * Describes a failure of the backend with the end of its log.
 *
 * @param {string} message what happened
 * @param {string} logFile absolute path of the log
 * @returns {StepError}
 */
export function backendError(message, logFile) {
  return new StepError(`${message}.`, {
    output: tail(stripVTControlCharacters(readFileSync(logFile, 'utf8'))),
    hint:
      `The whole log is in ${logFile}.\n` +
      'If the demo data are damaged, stop the demo, remove that folder and start again.',
  });
}

async function isReady(url) {
  try {
    const response = await fetch(`${url}/.backstage/health/v1/readiness`, {
      signal: AbortSignal.timeout(5_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
