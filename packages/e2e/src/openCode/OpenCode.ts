import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolHome, USER_CODE_PROMPT } from '../codingTools';
import { SERVER_NAME } from './config';

/** OpenCode with a home folder of its own and nothing to reach but this machine. */
export class OpenCode {
  readonly #home: ToolHome;

  /**
   * @param options.binary - path of the program
   * @param options.config - as in `opencode.json`
   */
  constructor(options: { binary: string; config: object }) {
    this.#home = new ToolHome({
      binary: options.binary,
      env: {
        OPENCODE_CONFIG_CONTENT: JSON.stringify(options.config),
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        OPENCODE_DISABLE_SHARE: '1',
      },
    });
  }

  /**
   * Signs the user in to the MCP server by OAuth.
   *
   * @param openBrowser - gets the URL that OpenCode would open
   * @returns everything that OpenCode printed
   */
  async signIn(openBrowser: (url: URL) => Promise<unknown>): Promise<string> {
    const { stdout, stderr } = await this.#home.runAndSignIn(
      ['mcp', 'auth', SERVER_NAME],
      {
        prompt: /(http\S+\/authorize\?\S+)\s/,
        signIn: url => openBrowser(new URL(url)),
      },
    );
    return stdout + stderr;
  }

  /**
   * Logs in to a provider that describes itself at `/.well-known/opencode`.
   *
   * @param url - its base URL
   * @param approve - gets the code that the provider's command shows
   * @returns everything that OpenCode printed
   */
  async logIn(
    url: string,
    approve: (userCode: string) => Promise<unknown>,
  ): Promise<string> {
    const { stdout, stderr } = await this.#home.runAndSignIn(
      ['auth', 'login', url],
      { prompt: USER_CODE_PROMPT, signIn: approve },
    );
    return stdout + stderr;
  }

  /** The token that OpenCode keeps for a provider to which it has logged in. */
  tokenFor(url: string): string {
    const file = join(this.#home.path, 'data/opencode/auth.json');
    return JSON.parse(readFileSync(file, 'utf8'))[url].token;
  }

  /** Asks the model a question and returns everything that OpenCode printed. */
  async ask(question: string): Promise<string> {
    const { stdout, stderr } = await this.#home.run(['run', question]);
    return stdout + stderr;
  }

  /**
   * Runs any command.
   *
   * @returns what it printed
   * @throws Error with that when it fails
   */
  async run(...args: string[]): Promise<string> {
    const { stdout } = await this.#home.run(args);
    return stdout;
  }

  /** Removes everything that OpenCode has stored. */
  dispose(): void {
    this.#home.dispose();
  }
}
