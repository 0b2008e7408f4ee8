import { ToolHome } from '../codingTools';

/** Gemini CLI with a home folder of its own and nothing to reach but this machine. */
export class GeminiCli {
  readonly home: ToolHome;

  /**
   * @param options.binary - path of the program
   * @param options.key - what it sends in place of an API key
   */
  constructor(options: { binary: string; key: string }) {
    this.home = new ToolHome({
      binary: options.binary,
      env: {
        GEMINI_API_KEY: options.key,
        // The folder is new, and nobody is there to be asked.
        GEMINI_CLI_TRUST_WORKSPACE: 'true',
      },
    });
  }

  /** Asks the model a question, and returns what it answered. */
  async ask(question: string): Promise<string> {
    const { stdout } = await this.home.run(['-p', question]);
    return stdout;
  }

  /** Runs `gemini mcp`, and returns what it printed. */
  async mcp(...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.home.run(['mcp', ...args]);
    return stdout + stderr;
  }

  /** Removes everything that Gemini CLI has stored. */
  dispose(): void {
    this.home.dispose();
  }
}
