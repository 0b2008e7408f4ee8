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
    connect: ({ baseUrl, agentToken }, meter) =>
      McpSession.connect(`${baseUrl}/api/catalog-mcp/v1`, agentToken!, meter),
  },
  'mcp-actions': {
    name: 'mcp-actions',
    about:
      "Backstage's mcp-actions plugin with the catalog's actions, through the same MCP client",
    connect: ({ baseUrl, userToken }, meter) =>
      McpSession.connect(`${baseUrl}/api/mcp-actions/v1`, userToken, meter),
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
            headers.set('authorization', `Bearer ${stack.userToken}`);
            return meter.fetch(input as RequestInfo, { ...init, headers });
          },
        },
      }),
  },
};
