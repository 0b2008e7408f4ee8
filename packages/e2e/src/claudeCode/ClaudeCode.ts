import { ToolHome } from '../codingTools';

/** What Claude Code says during a sign-in at a gateway, a line each. */
export interface GatewayState {
  state: string;
  /** What the user would be shown and has to confirm. */
  shown?: string;
  userCode?: string;
  message?: string;
}

/** States in which Claude Code waits for the user to confirm what it shows. */
const QUESTIONS = ['url_input', 'trust_prompt', 'confirm_account'];

const NOTHING = '/dev/null';

/** Claude Code with a home folder of its own and nothing to reach but this machine. */
export class ClaudeCode {
  readonly home: ToolHome;
  readonly #binary: string;

  /**
   * @param options.binary - path of the program
   * @param options.settings - as in the user's `settings.json`
   */
  constructor(options: { binary: string; settings?: object }) {
    this.#binary = options.binary;
    this.home = new ToolHome({
      binary: options.binary,
      env: {
        BROWSER: '/bin/true',
        // For `script`.
        SHELL: '/bin/sh',
        TERM: 'xterm',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        // Offers tools of servers at once; a scripted model does not search for them.
        ENABLE_TOOL_SEARCH: 'false',
      },
    });
    this.configure(options.settings ?? {});
  }

  /** Replaces the user's `settings.json`. */
  configure(settings: object): void {
    this.home.write('.claude/settings.json', JSON.stringify(settings));
  }

  /**
   * Signs the user in at the gateway that the settings name.
   *
   * @param approve - gets the code that Claude Code shows
   * @returns what Claude Code went through
   */
  async logIn(
    approve: (userCode: string) => Promise<unknown>,
  ): Promise<GatewayState[]> {
    let seen = 0;
    let approved: Promise<unknown> | undefined;
    const { stdout } = await this.home.run(
      ['auth', 'login', '--gateway-json'],
      {
        onOutput: (output, answer) => {
          const states = readStates(output);
          for (const { state, shown, userCode } of states.slice(seen)) {
            if (QUESTIONS.includes(state)) {
              answer(`${JSON.stringify({ state, shown, accept: true })}\n`);
            }
            if (userCode && !approved) {
              approved = approve(userCode);
              // Awaited below, after Claude Code has ended.
              approved.catch(() => {});
            }
          }
          seen = states.length;
        },
      },
    );
    await approved;
    return readStates(stdout);
  }

  /** Signs the user out, which also ends the connection at the gateway. */
  async logOut(): Promise<void> {
    await this.home.run(['auth', 'logout']);
  }

  /**
   * Asks the model a question, and returns what it answered.
   *
   * @param allowedTools - names of tools that may be called
   */
  async ask(question: string, allowedTools: string[] = []): Promise<string> {
    const { stdout } = await this.home.run([
      ...['-p', question],
      ...(allowedTools.length ? ['--allowedTools', ...allowedTools] : []),
    ]);
    return stdout;
  }

  /** Runs `claude mcp`, and returns what it printed. */
  async mcp(...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.home.run(['mcp', ...args]);
    return stdout + stderr;
  }

  /**
   * Signs the user in to an MCP server by OAuth, in a terminal: without one,
   * Claude Code refuses.
   *
   * @param openBrowser - gets the URL that Claude Code would open
   * @returns everything that Claude Code printed
   */
  async signIn(
    server: string,
    openBrowser: (url: URL) => Promise<unknown>,
  ): Promise<string> {
    const { stdout, stderr } = await this.home.runAndSignIn(
      // No line may be broken, or the URL would be.
      [
        '-qec',
        `stty cols 4000; '${this.#binary}' mcp login ${server}`,
        NOTHING,
      ],
      {
        program: 'script',
        prompt: /(http\S+\/authorize\?\S+)\s/,
        signIn: url => openBrowser(new URL(url)),
      },
    );
    return stdout + stderr;
  }

  /** Removes everything that Claude Code has stored. */
  dispose(): void {
    this.home.dispose();
  }
}

function readStates(output: string): GatewayState[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
}
