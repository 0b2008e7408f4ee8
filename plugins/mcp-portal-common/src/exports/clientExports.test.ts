import { clientExports, exportFor } from './clientExports';

const portals = [
  { name: 'acme', title: 'Acme', url: 'https://portal.example.com/mcp/acme' },
  { name: 'acme-2', title: 'Two', url: 'http://localhost:7007/mcp/two' },
];
const read = (id: string, of = portals) =>
  JSON.parse(exportFor(id, of).content);
const one = [portals[0]];

describe('The configuration of clients', () => {
  it.each([
    ['vscode', { servers: { acme: { type: 'http', url: one[0].url } } }],
    [
      'claude-code',
      { mcpServers: { acme: { type: 'http', url: one[0].url } } },
    ],
    [
      'claude-code-managed-mcp',
      { mcpServers: { acme: { type: 'http', url: one[0].url } } },
    ],
    [
      'claude-code-managed-settings',
      {
        allowManagedMcpServersOnly: true,
        allowedMcpServers: [
          { serverUrl: one[0].url },
          { serverUrl: `${one[0].url}?*` },
        ],
      },
    ],
    ['cursor', { mcpServers: { acme: { url: one[0].url } } }],
    ['gemini', { mcpServers: { acme: { httpUrl: one[0].url } } }],
    [
      'opencode',
      {
        $schema: 'https://opencode.ai/config.json',
        mcp: { acme: { type: 'remote', url: one[0].url, enabled: true } },
      },
    ],
    [
      'copilot-managed-settings',
      {
        allowedMcpServers: [
          { serverUrl: one[0].url },
          { serverUrl: `${one[0].url}?*` },
        ],
      },
    ],
    ['windsurf', { mcpServers: { acme: { serverUrl: one[0].url } } }],
  ])('of %s has its own format', (id, expected) => {
    expect(read(id, one)).toEqual(expected);
    expect(exportFor(id, one).contentType).toBe('application/json');
  });

  it('of codex is TOML', () => {
    expect(exportFor('codex', portals)).toMatchObject({
      fileName: 'config.toml',
      contentType: 'application/toml',
      content: `[mcp_servers.acme]
url = "https://portal.example.com/mcp/acme"

[mcp_servers.acme-2]
url = "http://localhost:7007/mcp/two"
`,
    });
  });

  it('has all portals, for every client that is listed', () => {
    for (const { id } of clientExports) {
      const { content } = exportFor(id, portals);
      for (const { url } of portals) {
        expect(content).toContain(`"${url}"`);
      }
    }
    expect(clientExports).toHaveLength(10);
  });

  it('cannot be broken by what a portal is called', () => {
    const url = 'https://portal.example.com/"]\n[x';
    const { content } = exportFor('codex', [{ ...one[0], url }]);
    expect(content).toBe(
      '[mcp_servers.acme]\nurl = "https://portal.example.com/%22][x"\n',
    );
    for (const change of [
      { name: 'a]\n[b' },
      { name: '' },
      { name: '__proto__' },
      { url: 'ftp://portal.example.com' },
      { url: 'https://' },
    ]) {
      for (const { id } of clientExports) {
        expect(() => exportFor(id, [{ ...one[0], ...change }])).toThrow(
          expect.objectContaining({ name: 'InputError' }),
        );
      }
    }
    expect(() => exportFor('codex', [one[0], one[0]])).toThrow('unique');
  });

  it('of an unknown client is none', () => {
    expect(() => exportFor('emacs', portals)).toThrow(
      'There is no configuration for "emacs"; there is one for vscode',
    );
  });
});
