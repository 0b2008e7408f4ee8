const AUTHORIZATION_SERVER = '/api/agent-auth';

// The client of the login scripts, which is built in and may use the device flow.
const CLIENT_ID = 'prompt-corner-login';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const RESOURCE_PATHS = {
  catalog: '/api/catalog-mcp/v1',
  portal: '/api/mcp-portal/v1/default',
  proxy: '/api/ai-proxy',
};

// What has to be asked for by name: without, a connection only reads.
const SCOPES = { portal: 'tools:read tools:write' };

/** What an agent token can be for: names for {@link agentResourceUrl}. */
export const agentResources = Object.keys(RESOURCE_PATHS);

/**
 * The URL of a resource, which is the audience of tokens for it.
 *
 * @param {string} baseUrl base URL of the portal
 * @param {'catalog' | 'portal' | 'proxy'} name one of {@link agentResources}
 * @returns {string}
 */
export function agentResourceUrl(baseUrl, name) {
  return new URL(RESOURCE_PATHS[name], baseUrl).href;
}

/**
 * All that a token for a resource can be allowed.
 *
 * @param {'catalog' | 'portal' | 'proxy'} name one of {@link agentResources}
 * @returns {string | undefined} undefined when that is what one gets without asking
 */
export function agentResourceScope(name) {
  return SCOPES[name];
}

/**
 * Signs an agent in for a user as a program on the command line does: by the OAuth device flow
 * (RFC 8628), except that the user approves without a browser.
 *
 * @param {string} baseUrl base URL of the portal
 * @param {{ resource: string, scope?: string, userToken: string, idToken?: string }} options `resource`
 *   is the URL of what the token is for, `scope` what it is asked to allow; the others are those of who approves, as in {@link approveDeviceCode}
 * @returns {Promise<{ accessToken: string, refreshToken: string, expiresInSeconds: number, scope: string }>}
 * @throws {Error} when a step is refused; the message says which and why
 */
export async function agentSignIn(
  baseUrl,
  { resource, scope, userToken, idToken },
) {
  const device = await send(baseUrl, '/oauth/device_authorization', {
    body: new URLSearchParams({
      client_id: CLIENT_ID,
      resource,
      ...(scope && { scope }),
    }),
  });
  const { user_code: userCode } = device;
  await approveDeviceCode(baseUrl, { userCode, userToken, idToken });
  const tokens = await send(baseUrl, '/oauth/token', {
    body: new URLSearchParams({
      client_id: CLIENT_ID,
      grant_type: DEVICE_GRANT,
      device_code: device.device_code,
    }),
  });
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresInSeconds: tokens.expires_in,
    scope: tokens.scope,
  };
}

/**
 * Approves the sign-in of a device as a user does on the page: with what is selected beforehand,
 * but for the shortest time that the page offers.
 *
 * @param {string} baseUrl base URL of the portal
 * @param {{ userCode: string, userToken: string, idToken?: string, name?: string }} options
 *   `userCode` is what the device shows, `userToken` the Backstage token of who approves, `idToken`
 *   that of the identity provider, whose claims are then recorded, `name` the name of the connection
 *   (default: the client's)
 * @throws {Error} when the code is unknown or has been answered; the message says so
 */
export async function approveDeviceCode(
  baseUrl,
  { userCode, userToken, idToken, name },
) {
  const post = (path, body) =>
    send(baseUrl, `/device-codes/${path}`, {
      headers: {
        authorization: `Bearer ${userToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ userCode, ...body }),
    });
  const asked = await post('lookup', {});
  await post('approve', {
    resources: asked.resources.map(({ audience, scopes }) => ({
      audience,
      scopes: scopes.filter(scope => scope.requested).map(scope => scope.name),
    })),
    limits: {},
    lifetimeSeconds: asked.lifetimesSeconds[0],
    name,
    idToken,
  });
}

async function send(baseUrl, path, init) {
  const url = new URL(`${AUTHORIZATION_SERVER}${path}`, baseUrl);
  const response = await fetch(url, { method: 'POST', ...init });
  const text = await response.text();
  if (response.ok) {
    return text ? JSON.parse(text) : undefined;
  }
  throw new Error(
    `${url} refused the sign-in (${response.status}): ${reasonIn(text)}`,
  );
}

// OAuth's endpoints and those of the pages describe errors differently.
function reasonIn(text) {
  try {
    const { error, error_description: description } = JSON.parse(text);
    return description ?? error?.message ?? error ?? text;
  } catch {
    return text;
  }
}
