import { spawn } from 'node:child_process';
import { onStopRequest } from './stopSignals.mjs';

/**
 * Runs a command on this console; a request to stop this process is passed on to it.
 *
 * @param {string[]} command program and arguments
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} the exit code; 1 if a signal ended the command
 */
export function runVisibly([program, ...args], { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    onStopRequest(() => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
}
