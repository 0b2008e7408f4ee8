/**
 * Packages of MCP servers from npm that run behind the portal in tests, and
 * the bridge for those that speak stdio only.
 */
export const SERVER_PACKAGES = {
  '@cyanheads/git-mcp-server': '2.15.3',
  '@modelcontextprotocol/server-everything': '2026.8.31',
  '@modelcontextprotocol/server-filesystem': '2026.8.31',
  '@modelcontextprotocol/server-memory': '2026.8.31',
  '@modelcontextprotocol/server-sequential-thinking': '2026.8.31',
  '@zereight/mcp-gitlab': '2.1.64',
  'kubernetes-mcp-server': '0.0.67',
  // Bridges stdio to HTTP; serves revisions 2025-11-25 and 2026-07-28.
  'mcp-proxy': '6.7.19',
} as const;

/** Name of a pinned package. */
export type ServerPackage = keyof typeof SERVER_PACKAGES;
