import { signIn } from '@prompt-corner/backend-testing';
import type { Portal } from './startPortal';

/** A token that a user made for an agent. */
export interface PersonalToken {
  /** The header that sends it. */
  authorization: string;
  connectionId: string;
  /** UUID of the user. */
  principal: string;
}

/**
 * Makes a token of agent-auth, as a user does on its page.
 *
 * @param resource - path of what the token is for; default: the MCP endpoint
 * @throws Error with the answer when it is refused
 */
export async function makePersonalToken(
  portal: Portal,
  user: string,
  resource = { path: '/api/catalog-mcp/v1', scope: 'catalog:read' },
): Promise<PersonalToken> {
  const response = await fetch(`${portal.url}/api/agent-auth/personal-tokens`, {
    method: 'POST',
    headers: {
      authorization: await signIn(portal.url, user),
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      name: 'Test',
      audience: portal.url + resource.path,
      scopes: [resource.scope],
      limits: {},
      lifetimeSeconds: 3600,
    }),
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(`No token for ${user}: ${JSON.stringify(body)}`);
  }
  return {
    authorization: `Bearer ${body.token}`,
    connectionId: body.connection.id,
    principal: body.connection.principal,
  };
}

/** Revokes a token, as its user does on the page. */
export async function revokePersonalToken(
  portal: Portal,
  user: string,
  { connectionId }: PersonalToken,
): Promise<void> {
  const response = await fetch(
    `${portal.url}/api/agent-auth/connections/${connectionId}`,
    {
      method: 'DELETE',
      headers: { authorization: await signIn(portal.url, user) },
    },
  );
  if (!response.ok) {
    throw new Error(`Not revoked: ${response.status} ${await response.text()}`);
  }
}
