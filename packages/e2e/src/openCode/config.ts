import { findFreePort } from '@prompt-corner/backend-testing/ports';

/** The name under which OpenCode knows the catalog; its tools are called `catalog_…`. */
export const SERVER_NAME = 'catalog';

/** How OpenCode shows the portal who is asking. */
export type Access =
  /** By OAuth, as the client that the portal knows. */
  | { type: 'oauth' }
  | { type: 'token'; token: string }
  /** As the provider says to which the user has logged in. */
  | { type: 'provider' };

/**
 * Configuration of OpenCode (https://opencode.ai/config.json) with one model
 * and one MCP server, both on this machine.
 */
export async function openCodeConfig(options: {
  modelUrl: string;
  endpoint: string;
  access: Access;
}): Promise<object> {
  const { modelUrl, endpoint, access } = options;
  return {
    autoupdate: false,
    share: 'disabled',
    enabled_providers: ['scripted'],
    model: 'scripted/model',
    small_model: 'scripted/model',
    provider: {
      scripted: {
        // Part of the binary, not installed.
        npm: '@ai-sdk/openai-compatible',
        name: 'Scripted model',
        options: { baseURL: modelUrl, apiKey: 'none' },
        models: { model: { name: 'Scripted model', tool_call: true } },
      },
    },
    ...(access.type === 'provider'
      ? {}
      : { mcp: { [SERVER_NAME]: await serverConfig(endpoint, access) } }),
  };
}

async function serverConfig(
  endpoint: string,
  access: Exclude<Access, { type: 'provider' }>,
): Promise<object> {
  if (access.type === 'token') {
    return serverWithToken(endpoint, access.token);
  }
  const port = await findFreePort();
  return {
    type: 'remote',
    url: endpoint,
    oauth: {
      clientId: 'opencode',
      // The default but for the port, which could be in use on this machine.
      callbackPort: port,
      redirectUri: `http://127.0.0.1:${port}/mcp/oauth/callback`,
    },
  };
}

/**
 * Configuration of the MCP server with a token in a header.
 *
 * @param token - or `{env:NAME}` for the value of a variable
 */
export function serverWithToken(endpoint: string, token: string): object {
  return {
    type: 'remote',
    url: endpoint,
    oauth: false,
    headers: { Authorization: `Bearer ${token}` },
  };
}
