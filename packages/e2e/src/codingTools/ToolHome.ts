import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ProgramResult, runProgram } from '../processes';

const TIMEOUT_MS = 60_000;

/** Programs by which command-line tools open a browser. */
const BROWSER_OPENERS = ['xdg-open', 'open'];

/** A home folder for a coding tool, in which nothing is kept but what the tool itself does. */
export class ToolHome {
  /** The home folder. */
  readonly path: string;
  /** The folder in which the tool works. */
  readonly project: string;
  readonly #folder: string;
  readonly #binary: string;
  readonly #env: Record<string, string>;

  /**
   * @param options.binary - path of the tool's program
   * @param options.env - set for each run
   */
  constructor(options: { binary: string; env?: Record<string, string> }) {
    this.#binary = options.binary;
    this.#folder = mkdtempSync(join(tmpdir(), 'coding-tool-'));
    this.path = join(this.#folder, 'home');
    this.project = join(this.#folder, 'project');
    const bin = join(this.#folder, 'bin');
    for (const folder of [this.path, this.project, bin]) {
      mkdirSync(folder);
    }
    for (const opener of BROWSER_OPENERS) {
      writeFileSync(join(bin, opener), '#!/bin/sh\n', { mode: 0o755 });
    }
    this.#env = {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: this.path,
      USERPROFILE: this.path,
      XDG_CONFIG_HOME: join(this.path, 'config'),
      XDG_DATA_HOME: join(this.path, 'data'),
      XDG_CACHE_HOME: join(this.path, 'cache'),
      XDG_STATE_HOME: join(this.path, 'state'),
      ...options.env,
    };
  }

  /**
   * Writes a file.
   *
   * @param path - below the home folder
   * @returns its absolute path
   */
  write(path: string, content: string, options?: { mode: number }): string {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, options);
    return file;
  }

  /**
   * Runs the tool to its end.
   *
   * @param options.program - another one than the tool
   * @param options.env - besides what is set for each run
   * @param options.onOutput - called with everything printed so far, on both streams, and with
   *   what writes to the tool's standard input
   * @returns what it printed, without control characters
   * @throws Error with that when it fails
   */
  async run(
    args: string[],
    options: {
      program?: string;
      env?: Record<string, string>;
      onOutput?: (output: string, answer: (text: string) => void) => void;
    } = {},
  ): Promise<ProgramResult> {
    const { program = this.#binary, env, onOutput } = options;
    const { code, stdout, stderr } = await runProgram(program, args, {
      cwd: this.project,
      env: { ...this.#env, ...env },
      timeoutMs: TIMEOUT_MS,
      onOutput: onOutput
        ? (output, answer) => onOutput(stripVTControlCharacters(output), answer)
        : undefined,
    });
    const result = {
      code,
      stdout: stripVTControlCharacters(stdout),
      stderr: stripVTControlCharacters(stderr),
    };
    if (code !== 0) {
      throw new Error(
        `${program} ${args.join(' ')} failed (${code}):\n${result.stdout}${
          result.stderr
        }`,
      );
    }
    return result;
  }

  /**
   * Runs the tool, which at some point asks the user to sign in.
   *
   * @param options.prompt - matches what it prints then; the first group is for `signIn`
   * @param options.signIn - does what the user would, while the tool waits
   */
  async runAndSignIn(
    args: string[],
    options: {
      prompt: RegExp;
      signIn: (prompted: string) => Promise<unknown>;
      program?: string;
    },
  ): Promise<ProgramResult> {
    const { prompt, signIn, program } = options;
    let signedIn: Promise<unknown> | undefined;
    const result = await this.run(args, {
      program,
      onOutput: output => {
        const prompted = prompt.exec(output)?.[1];
        if (prompted && !signedIn) {
          signedIn = signIn(prompted);
          // Awaited below, after the tool has ended.
          signedIn.catch(() => {});
        }
      },
    });
    await signedIn;
    return result;
  }

  /** Removes everything. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
