import { InputError, NotFoundError } from '@backstage/errors';
import {
  allowedMcpServers,
  codexMcpServer,
  JsonClient,
  mcpServersFor,
} from '@prompt-corner/agent-config/mcp-servers';

/** A portal to which clients connect. @public */
export interface ExportedPortal {
  /** The name that it gets in the client: letters, digits, `-` and `_`. */
  name: string;
  title: string;
  url: string;
}

/** A client, or a way to manage one, for which there is a configuration. @public */
export interface ClientExport {
  /** In the URL of the export. */
  id: string;
  title: string;
  fileName: string;
  contentType: 'application/json' | 'application/toml';
  /** Where the file belongs, for people. */
  destination: string;
  /** Where the format is described. */
  documentation: string;
}

type Portals = readonly ExportedPortal[];

interface Format extends ClientExport {
  write(portals: Portals): string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Checked in November 2026 with the versions that the comments name, else against the documentation. */
const FORMATS: readonly Format[] = [
  {
    id: 'vscode',
    title: 'VS Code',
    fileName: 'mcp.json',
    contentType: 'application/json',
    destination:
      '.vscode/mcp.json of a project, or mcp.json of the user profile',
    documentation:
      'https://code.visualstudio.com/docs/agents/reference/mcp-configuration',
    write: serversOf('vscode'),
  },
  {
    // 2.1.329: `claude mcp list` shows both servers.
    id: 'claude-code',
    title: 'Claude Code',
    fileName: '.mcp.json',
    contentType: 'application/json',
    destination: '.mcp.json in the root of a project',
    documentation: 'https://code.claude.com/docs/en/mcp',
    write: serversOf('claude-code'),
  },
  {
    // 2.1.329: both connect, and `claude mcp add` refuses others.
    id: 'claude-code-managed-mcp',
    title: 'Claude Code: these servers, and no others',
    fileName: 'managed-mcp.json',
    contentType: 'application/json',
    destination:
      '/etc/claude-code on Linux, /Library/Application Support/ClaudeCode on macOS, C:\\Program Files\\ClaudeCode on Windows',
    documentation: 'https://code.claude.com/docs/en/managed-mcp',
    write: serversOf('claude-code'),
  },
  {
    // 2.1.329: `claude mcp add` refuses other URLs, also those that only begin like a portal.
    id: 'claude-code-managed-settings',
    title: 'Claude Code: only these servers may be added',
    fileName: 'managed-settings.json',
    contentType: 'application/json',
    destination:
      'Managed settings, as a file or from the server of the organisation',
    documentation: 'https://code.claude.com/docs/en/managed-mcp',
    write: portals =>
      json({
        allowManagedMcpServersOnly: true,
        allowedMcpServers: allowedMcpServers(urlsOf(portals)),
      }),
  },
  {
    // 0.169.0: `codex mcp list`.
    id: 'codex',
    title: 'Codex',
    fileName: 'config.toml',
    contentType: 'application/toml',
    destination:
      '~/.codex/config.toml, or .codex/config.toml of a trusted project',
    documentation: 'https://developers.openai.com/codex/mcp',
    write: portals =>
      portals
        .map(({ name, url }) =>
          [
            `[mcp_servers.${name}]`,
            ...Object.entries(codexMcpServer({ url })).map(
              // A URL has no characters that TOML escapes in another way than JSON.
              ([key, value]) => `${key} = ${JSON.stringify(value)}`,
            ),
            '',
          ].join('\n'),
        )
        .join('\n'),
  },
  {
    id: 'cursor',
    title: 'Cursor',
    fileName: 'mcp.json',
    contentType: 'application/json',
    destination: '~/.cursor/mcp.json, or .cursor/mcp.json of a project',
    documentation: 'https://cursor.com/docs/mcp',
    write: serversOf('cursor'),
  },
  {
    // 0.61.0: `gemini mcp list` connects by Streamable HTTP.
    id: 'gemini',
    title: 'Gemini CLI',
    fileName: 'settings.json',
    contentType: 'application/json',
    destination:
      '~/.gemini/settings.json, or .gemini/settings.json of a project',
    documentation: 'https://geminicli.com/docs/tools/mcp-server',
    write: serversOf('gemini'),
  },
  {
    // 1.18.33: `opencode mcp list` connects.
    id: 'opencode',
    title: 'OpenCode',
    fileName: 'opencode.json',
    contentType: 'application/json',
    destination:
      '~/.config/opencode/opencode.json, or opencode.json of a project',
    documentation: 'https://opencode.ai/docs/mcp-servers',
    write: portals =>
      json({
        $schema: 'https://opencode.ai/config.json',
        ...mcpServersFor('opencode', portals),
      }),
  },
  {
    id: 'copilot-managed-settings',
    title: 'GitHub Copilot: only these servers may run',
    fileName: 'managed-settings.json',
    contentType: 'application/json',
    destination: 'Enterprise managed settings of GitHub Copilot',
    documentation:
      'https://docs.github.com/en/copilot/how-tos/administer-copilot/manage-mcp-usage/configure-enterprise-allowlist',
    write: portals =>
      json({ allowedMcpServers: allowedMcpServers(urlsOf(portals)) }),
  },
  {
    id: 'windsurf',
    title: 'Windsurf',
    fileName: 'mcp_config.json',
    contentType: 'application/json',
    destination: '~/.codeium/windsurf/mcp_config.json',
    documentation: 'https://docs.windsurf.com/windsurf/cascade/mcp',
    write: serversOf('windsurf'),
  },
];

/** Everything for which there is a configuration. @public */
export const clientExports: readonly ClientExport[] = FORMATS.map(
  ({ write: _write, ...rest }) => rest,
);

/**
 * The configuration of a client for some portals. It holds no secret: clients
 * sign in by themselves when they connect.
 *
 * @param id - of one of {@link clientExports}
 * @throws NotFoundError when there is no such client
 * @throws InputError when a name is used twice or cannot be used, or a URL is none
 * @public
 */
export function exportFor(
  id: string,
  portals: readonly ExportedPortal[],
): ClientExport & { content: string } {
  const format = FORMATS.find(candidate => candidate.id === id);
  if (!format) {
    throw new NotFoundError(
      `There is no configuration for "${id}"; there is one for ${FORMATS.map(
        known => known.id,
      ).join(', ')}`,
    );
  }
  const { write, ...rest } = format;
  return { ...rest, content: write(checked(portals)) };
}

function checked(portals: Portals): Portals {
  const names = new Set<string>();
  return portals.map(({ name, title, url }) => {
    if (!NAME.test(name) || names.has(name)) {
      throw new InputError(
        `"${name}" cannot be the name of a portal in a client: it has to be unique, and to have only letters, digits, "-" and "_"`,
      );
    }
    names.add(name);
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      throw new InputError(`The URL of the portal "${name}" is not one`);
    }
    return { name, title, url: new URL(url).href };
  });
}

function serversOf(client: JsonClient) {
  return (portals: Portals) => json(mcpServersFor(client, portals));
}

function urlsOf(portals: Portals): string[] {
  return portals.map(({ url }) => url);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
