/** A remote MCP server, as configurations of clients name it. */
export interface McpServer {
  /** Letters, digits, `-` and `_`. */
  name: string;
  url: string;
  /** Values can have variables of the user's machine: `{env:NAME}`. */
  headers?: Record<string, string>;
}

/** A client that has its MCP servers in JSON. */
export type JsonClient =
  | 'vscode'
  | 'claude-code'
  | 'cursor'
  | 'gemini'
  | 'opencode'
  | 'windsurf';

interface Format {
  /** The key below which the servers are. */
  key: string;
  entry(url: string): object;
  /** How a variable is written in a header. */
  variable(name: string): string;
}

/**
 * Checked in November 2026: Claude Code 2.1.329, Gemini CLI 0.61.0 and OpenCode
 * 1.18.33 with the programs, the others against their documentation.
 */
const FORMATS: Record<JsonClient, Format> = {
  vscode: {
    key: 'servers',
    entry: url => ({ type: 'http', url }),
    variable: name => `\${env:${name}}`,
  },
  'claude-code': {
    key: 'mcpServers',
    entry: url => ({ type: 'http', url }),
    variable: name => `\${${name}}`,
  },
  cursor: {
    key: 'mcpServers',
    entry: url => ({ url }),
    variable: name => `\${env:${name}}`,
  },
  gemini: {
    key: 'mcpServers',
    entry: url => ({ httpUrl: url }),
    variable: name => `\${${name}}`,
  },
  opencode: {
    key: 'mcp',
    entry: url => ({ type: 'remote', url, enabled: true }),
    variable: name => `{env:${name}}`,
  },
  windsurf: {
    key: 'mcpServers',
    // A field "url", as in Cursor's file, does not connect.
    entry: url => ({ serverUrl: url }),
    variable: name => `\${env:${name}}`,
  },
};

const VARIABLE = /\{env:([^}]*)\}/g;

/**
 * The part of a client's configuration that has its MCP servers, such as
 * `{ mcpServers: { portal: { type: 'http', url: '…' } } }`.
 */
export function mcpServersFor(
  client: JsonClient,
  servers: readonly McpServer[],
): Record<string, Record<string, object>> {
  const { key, entry, variable } = FORMATS[client];
  return {
    [key]: Object.fromEntries(
      servers.map(({ name, url, headers }) => [
        name,
        {
          ...entry(url),
          ...(headers && {
            headers: Object.fromEntries(
              Object.entries(headers).map(([header, value]) => [
                header,
                value.replace(VARIABLE, (_, named) => variable(named)),
              ]),
            ),
          }),
        },
      ]),
    ),
  };
}

/**
 * Which servers Claude Code and GitHub Copilot allow in managed settings: each
 * URL, also with parameters. A wildcard at the end of the path would allow more.
 */
export function allowedMcpServers(
  urls: readonly string[],
): Array<{ serverUrl: string }> {
  return urls.flatMap(url => [{ serverUrl: url }, { serverUrl: `${url}?*` }]);
}

/**
 * A server in Codex's `config.toml`, below `mcp_servers` (0.169.0: `codex mcp list`).
 *
 * @param leaveOut - gets each header that cannot be said: a variable is all of it, or follows `Bearer`
 */
export function codexMcpServer(
  { url, headers = {} }: Omit<McpServer, 'name'>,
  leaveOut: (header: string) => void = () => {},
): Record<string, string | Record<string, string>> {
  const fixed: Record<string, string> = {};
  const variables: Record<string, string> = {};
  let token: string | undefined;
  for (const [header, value] of Object.entries(headers)) {
    const whole = /^\{env:([^}]*)\}$/.exec(value);
    const bearer = /^Bearer \{env:([^}]*)\}$/i.exec(value);
    if (bearer && header.toLowerCase() === 'authorization') {
      token = bearer[1];
    } else if (whole) {
      variables[header] = whole[1];
    } else if (!value.includes('{env:')) {
      fixed[header] = value;
    } else {
      leaveOut(header);
    }
  }
  return {
    url,
    ...(token !== undefined && { bearer_token_env_var: token }),
    ...(Object.keys(fixed).length > 0 && { http_headers: fixed }),
    ...(Object.keys(variables).length > 0 && { env_http_headers: variables }),
  };
}
