import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ProgramResult, runProgram } from '../processes';
import { SERVER_NAME } from './config';

const TIMEOUT_MS = 60_000;

/** Programs by which command-line tools open a browser. */
const BROWSER_OPENERS = ['xdg-open', 'open'];

/** OpenCode with a home folder of its own and nothing to reach but this machine. */
export class OpenCode {
  readonly #binary: string;
  readonly #config: object;
  readonly #folder: string;

  /**
   * @param options.binary - path of the program
   * @param options.config - as in `opencode.json`
   */
  constructor(options: { binary: string; config: object }) {
    this.#binary = options.binary;
    this.#config = options.config;
    this.#folder = mkdtempSync(join(tmpdir(), 'opencode-'));
    for (const name of ['bin', 'home', 'project']) {
      mkdirSync(join(this.#folder, name));
    }
    for (const opener of BROWSER_OPENERS) {
      writeFileSync(join(this.#folder, 'bin', opener), '#!/bin/sh\n', {
        mode: 0o755,
      });
    }
  }

  /**
   * Signs the user in to the MCP server by OAuth.
   *
   * @param openBrowser - gets the URL that OpenCode would open
   * @returns everything that OpenCode printed
   */
  async signIn(openBrowser: (url: URL) => Promise<void>): Promise<string> {
    let opened: Promise<void> | undefined;
    const { stdout, stderr } = await this.#run(
      ['mcp', 'auth', SERVER_NAME],
      output => {
        const url = /(http\S+\/authorize\?\S+)\s/.exec(output)?.[1];
        if (url && !opened) {
          opened = openBrowser(new URL(url));
          // Awaited below, after OpenCode has ended.
          opened.catch(() => {});
        }
      },
    );
    await opened;
    return stdout + stderr;
  }

  /** Asks the model a question and returns everything that OpenCode printed. */
  async ask(question: string): Promise<string> {
    const { stdout, stderr } = await this.#run(['run', question]);
    return stdout + stderr;
  }

  /** Removes everything that OpenCode has stored. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(
    args: string[],
    onOutput?: (output: string) => void,
  ): Promise<ProgramResult> {
    const home = join(this.#folder, 'home');
    const { code, stdout, stderr } = await runProgram(this.#binary, args, {
      cwd: join(this.#folder, 'project'),
      env: {
        PATH: [join(this.#folder, 'bin'), process.env.PATH].join(delimiter),
        HOME: home,
        USERPROFILE: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_DATA_HOME: join(home, 'data'),
        XDG_CACHE_HOME: join(home, 'cache'),
        XDG_STATE_HOME: join(home, 'state'),
        OPENCODE_CONFIG_CONTENT: JSON.stringify(this.#config),
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        OPENCODE_DISABLE_SHARE: '1',
      },
      timeoutMs: TIMEOUT_MS,
      onOutput: onOutput
        ? output => onOutput(stripVTControlCharacters(output))
        : undefined,
    });
    const result = {
      code,
      stdout: stripVTControlCharacters(stdout),
      stderr: stripVTControlCharacters(stderr),
    };
    if (code !== 0) {
      throw new Error(
        `opencode ${args.join(' ')} failed (${code}):\n${result.stdout}${
          result.stderr
        }`,
      );
    }
    return result;
  }
}
