import { findFreePort } from '../demo';

/** The name under which OpenCode knows the catalog; its tools are called `catalog_…`. */
export const SERVER_NAME = 'catalog';

/** How OpenCode shows the portal who is asking. */
export type Access =
  | { type: 'oauth'; portalUrl: string }
  | { type: 'token'; token: string };

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
    mcp: {
      [SERVER_NAME]: {
        type: 'remote',
        url: endpoint,
        ...(access.type === 'token'
          ? {
              oauth: false,
              headers: { Authorization: `Bearer ${access.token}` },
            }
          : { oauth: await oauthConfig(access.portalUrl) }),
      },
    },
  };
}

// Backstage accepts any port with its client document, but only the path in it; the default
// of OpenCode is another one.
async function oauthConfig(portalUrl: string): Promise<object> {
  const port = await findFreePort();
  return {
    clientId: `${portalUrl}/api/auth/.well-known/oauth-client/cli.json`,
    scope: 'openid offline_access',
    callbackPort: port,
    redirectUri: `http://127.0.0.1:${port}/callback`,
  };
}
