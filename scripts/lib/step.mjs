import { spawn } from 'node:child_process';

const TAIL_LINES = 40;

/** A step that failed: `message` says which one, `output` ends what it printed, `hint` says what to do. */
export class StepError extends Error {
  constructor(message, { output = '', hint = '' } = {}) {
    super(message);
    this.name = 'StepError';
    this.output = output;
    this.hint = hint;
  }
}

/**
 * Formats a duration for people.
 *
 * @param {number} durationMs milliseconds
 * @returns {string} for example `4.2 s` or `2 min 5 s`
 */
export function formatDuration(durationMs) {
  const seconds = durationMs / 1000;
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * The last lines of a text.
 *
 * @param {string} text any text
 * @param {number} lines how many lines to keep
 * @returns {string} the tail, without trailing white space
 */
export function tail(text, lines = TAIL_LINES) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * Shows one line of progress while `work` runs: with a running clock on a terminal, as a
 * start line and an end line elsewhere.
 *
 * @template T
 * @param {string} title what is being done
 * @param {() => Promise<T>} work the step itself
 * @returns {Promise<T>} what `work` returns
 */
export async function withProgress(title, work) {
  const started = Date.now();
  const isTerminal = Boolean(process.stdout.isTTY);
  const elapsed = () => formatDuration(Date.now() - started);
  const rewrite = text => process.stdout.write(`\r\u001b[2K${text}`);

  if (!isTerminal) {
    process.stdout.write(`${title} ...\n`);
  }
  const clock = isTerminal
    ? setInterval(() => rewrite(`… ${title} (${elapsed()})`), 500)
    : undefined;
  try {
    const result = await work();
    if (isTerminal) {
      rewrite('');
    }
    process.stdout.write(`✓ ${title} (${elapsed()})\n`);
    return result;
  } catch (error) {
    if (isTerminal) {
      rewrite('');
    }
    process.stdout.write(`✗ ${title} (${elapsed()})\n`);
    throw error;
  } finally {
    clearInterval(clock);
  }
}

/**
 * Runs a command to its end and keeps its output to itself, unless it fails.
 *
 * @param {string} title what the command does, for progress and errors
 * @param {string[]} command program and arguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, hint?: string }} options `hint` says what to do on failure
 * @returns {Promise<string>} everything the command printed
 * @throws {StepError} when the command cannot be started or does not exit with 0
 */
export async function runStep(title, command, { cwd, env, hint } = {}) {
  return withProgress(title, async () => {
    const { code, output, error } = await run(command, { cwd, env });
    if (error || code !== 0) {
      const reason = error ? error.message : `exit code ${code}`;
      throw new StepError(`${title}: failed (${reason})`, {
        output: tail(output),
        hint,
      });
    }
    return output;
  });
}

function run([program, ...args], { cwd, env }) {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.on('error', error => resolve({ output, error }));
    child.on('close', code => resolve({ output, code }));
  });
}

/**
 * Runs a script's main function; a failure becomes a short report on stderr and exit code 1.
 *
 * @param {() => Promise<number | void>} main returns the exit code, or nothing for 0
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? process.exitCode ?? 0;
  } catch (error) {
    if (!(error instanceof StepError)) {
      throw error;
    }
    const parts = [error.output, error.message, error.hint].filter(Boolean);
    process.stderr.write(`\n${parts.join('\n\n')}\n`);
    process.exitCode = 1;
  }
}
