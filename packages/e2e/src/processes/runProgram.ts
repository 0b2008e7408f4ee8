import { spawn } from 'node:child_process';

/** How a program ended and what it printed. */
export interface ProgramResult {
  /** Exit code; undefined when a signal ended it, as after the time limit. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param options.onOutput - called with everything printed so far, on both streams, and with
 *   what writes to the program's standard input. Without it, that is empty
 * @param options.timeoutMs - after which it is killed
 * @throws Error when it cannot be started
 */
export function runProgram(
  program: string,
  args: string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    timeoutMs: number;
    onOutput?: (output: string, answer: (text: string) => void) => void;
  },
): Promise<ProgramResult> {
  const { cwd, env, timeoutMs, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: [onOutput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const answer = (text: string) => child.stdin?.write(text);
    // A program that has ended reads no more answers.
    child.stdin?.on('error', () => {});
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', chunk => {
        printed[name] += chunk;
        onOutput?.(printed.stdout + printed.stderr, answer);
      });
    }
    const killer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', error => {
      clearTimeout(killer);
      reject(error);
    });
    child.on('close', code => {
      clearTimeout(killer);
      resolve({ code: code ?? undefined, ...printed });
    });
  });
}
