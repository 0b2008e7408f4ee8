import type { Portal } from './startPortal';

/**
 * Calls a tool without an MCP client, to see what is answered to a request.
 *
 * @param headers - such as `authorization`
 * @param tool - default: `get_team`, without arguments that of the caller
 */
export function callTool(
  portal: Portal,
  headers: Record<string, string> = {},
  tool: { name: string; arguments: object } = {
    name: 'get_team',
    arguments: {},
  },
): Promise<Response> {
  return fetch(portal.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: tool,
    }),
  });
}
