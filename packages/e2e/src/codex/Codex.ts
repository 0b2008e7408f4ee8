import { createHash } from 'node:crypto';
import { ToolHome } from '../codingTools';

/** Codex with a home folder of its own and nothing to reach but this machine. */
export class Codex {
  readonly home: ToolHome;

  /** @param binary - path of the program */
  constructor(binary: string) {
    this.home = new ToolHome({ binary });
  }

  /**
   * Writes `config.toml`.
   *
   * @param options.modelUrl - base URL of an API like OpenAI's
   * @param options.tokenCommand - prints the token for the model. Default: none is sent
   * @param options.servers - MCP servers, by name
   */
  configure(options: {
    modelUrl: string;
    tokenCommand?: string;
    servers?: Record<
      string,
      { url: string; tokenVariable?: string; clientId?: string }
    >;
  }): void {
    const { modelUrl, tokenCommand, servers = {} } = options;
    const lines = [
      'model = "scripted"',
      'model_provider = "scripted"',
      // The keyring belongs to the user of this machine.
      'mcp_oauth_credentials_store = "file"',
      '[model_providers.scripted]',
      'name = "Scripted model"',
      `base_url = "${modelUrl}"`,
      'wire_api = "responses"',
    ];
    if (tokenCommand) {
      lines.push(
        '[model_providers.scripted.auth]',
        `command = "${tokenCommand}"`,
        'timeout_ms = 30000',
      );
    }
    for (const [name, { url, tokenVariable, clientId }] of Object.entries(
      servers,
    )) {
      lines.push(`[mcp_servers.${name}]`, `url = "${url}"`);
      if (tokenVariable) {
        lines.push(`bearer_token_env_var = "${tokenVariable}"`);
      }
      if (clientId) {
        lines.push(`[mcp_servers.${name}.oauth]`, `client_id = "${clientId}"`);
      }
    }
    this.home.write('.codex/config.toml', `${lines.join('\n')}\n`);
  }

  /** Asks the model a question, and returns what it answered. */
  async ask(question: string, env?: Record<string, string>): Promise<string> {
    const { stdout } = await this.home.run(
      ['exec', '--skip-git-repo-check', question],
      { env },
    );
    return stdout;
  }

  /** Runs `codex mcp`, and returns what it printed. */
  async mcp(...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.home.run(['mcp', ...args]);
    return stdout + stderr;
  }

  /**
   * Signs the user in to an MCP server by OAuth.
   *
   * @param openBrowser - gets the URL that Codex would open
   * @returns everything that Codex printed
   */
  async signIn(
    server: string,
    openBrowser: (url: URL) => Promise<unknown>,
  ): Promise<string> {
    const { stdout, stderr } = await this.home.runAndSignIn(
      ['mcp', 'login', server],
      {
        prompt: /(http\S+\/authorize\?\S+)\s/,
        signIn: url => openBrowser(new URL(url)),
      },
    );
    return stdout + stderr;
  }

  /** Removes everything that Codex has stored. */
  dispose(): void {
    this.home.dispose();
  }
}

/**
 * Where Codex is redirected to after a sign-in to an MCP server, on any port:
 * the path is different for each server (seen in version 0.169.0).
 */
export function codexRedirectUri(serverUrl: string): string {
  const id = createHash('sha256')
    .update(serverUrl)
    .digest('base64url')
    .slice(0, 12);
  return `http://127.0.0.1/callback/${id}`;
}
