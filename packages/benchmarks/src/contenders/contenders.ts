import { CatalogClient } from '@backstage/catalog-client';
import type { Contender, ContenderName } from './Contender';
import { McpSession } from './McpSession';

/** Every contender, the one that this project makes first. */
export const CONTENDERS: {
  [Name in ContenderName]: Contender<Name>;
} = {
  'prompt-corner': {
    name: 'prompt-corner',
    about: "this project's catalog MCP server, through an MCP client",
    connect: (stack, meter) =>
      McpSession.connect(stack, '/api/catalog-mcp/v1', meter),
  },
  'mcp-actions': {
    name: 'mcp-actions',
    about:
      "Backstage's mcp-actions plugin with the catalog's actions, through the same MCP client",
    connect: (stack, meter) =>
      McpSession.connect(stack, '/api/mcp-actions/v1', meter),
  },
  direct: {
    name: 'direct',
    about: "the catalog's own API, through @backstage/catalog-client",
    connect: async (stack, meter) =>
      new CatalogClient({
        discoveryApi: {
          getBaseUrl: async plugin => `${stack.baseUrl}/api/${plugin}`,
        },
        fetchApi: {
          fetch: (input, init) => {
            const headers = new Headers(init?.headers);
            headers.set('authorization', `Bearer ${stack.token}`);
            return meter.fetch(input as RequestInfo, { ...init, headers });
          },
        },
      }),
  },
};
