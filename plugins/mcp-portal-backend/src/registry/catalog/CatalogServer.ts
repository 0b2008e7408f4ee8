import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';

/** What the catalog says of an MCP server, read with distrust. Entity refs are full and in lower case. */
export interface CatalogServer {
  entityRef: string;
  title: string;
  description: string;
  /** The first of the owners. */
  owner: string;
  /** All of `ownedBy`; may be empty when the catalog knows none. */
  owners: string[];
  lifecycle: string;
  system?: string;
  /** Of the system. */
  domain?: string;
  tags: string[];
  /** Those below `prompt-corner.dev/`. */
  annotations: Record<string, string>;
  /** Normalised; empty when there is a problem. */
  remotes: ServerRemote[];
  /** Why it cannot be used as it is, for people. */
  problem?: string;
}

/** Whether two lists of remotes are the same, in the same order. */
export function isSameRemotes(
  a: ServerRemote[] | undefined,
  b: ServerRemote[] | undefined,
): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.length === b.length &&
    a.every(({ type, url }, index) => {
      const other = b[index];
      return type === other.type && url === other.url;
    })
  );
}
