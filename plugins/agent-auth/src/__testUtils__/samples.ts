import {
  Connection,
  ConsentRequest,
  ConsentResource,
  ResourceKind,
  resourceTypes,
} from '@prompt-corner/plugin-agent-auth-common';

function resource(
  kind: ResourceKind,
  audience: string,
  portal?: string,
): ConsentResource {
  const type = resourceTypes.find(candidate => candidate.kind === kind)!;
  return {
    audience,
    kind,
    portal,
    title: type.title,
    scopes: type.scopes.map(scope => ({ ...scope, requested: true })),
    limits: [...type.limits],
  };
}

export const PORTAL = 'https://portal.example.com/api/mcp-portal/v1/main';
export const PROXY = 'https://portal.example.com/api/ai-proxy';

/** What a client asks for in the browser: a portal and the models. */
export function consentRequest(
  changes: Partial<ConsentRequest> = {},
): ConsentRequest {
  return {
    client: {
      id: 'https://claude.ai/oauth/client.json',
      name: 'Claude Code',
      origin: 'document',
      documentHost: 'claude.ai',
    },
    redirect: {
      uri: 'http://127.0.0.1:51234/callback',
      host: '127.0.0.1:51234',
      loopback: true,
    },
    resources: [resource('portal', PORTAL, 'main'), resource('proxy', PROXY)],
    warnings: ['loopback-redirect', 'unknown-client'],
    lifetimesSeconds: [8 * 3600, 7 * 86400, 30 * 86400],
    defaultLifetimeSeconds: 7 * 86400,
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
    ...changes,
  };
}

/** The same from a device. */
export function deviceRequest(
  changes: Partial<ConsentRequest> = {},
): ConsentRequest {
  return consentRequest({
    redirect: undefined,
    device: { address: '203.0.113.7', userAgent: 'opencode/1.2 (linux x64)' },
    warnings: [],
    ...changes,
  });
}

/** A connection of a coding agent to a portal. */
export function connection(changes: Partial<Connection> = {}): Connection {
  return {
    id: '6f7c1f0e-0000-4000-8000-000000000001',
    name: 'Laptop',
    principal: '0b0e7a52-0000-4000-8000-00000000000a',
    client: { id: 'claude', name: 'Claude Code', origin: 'registered' },
    grantType: 'authorization_code',
    resources: [
      {
        audience: PORTAL,
        kind: 'portal',
        portal: 'main',
        scopes: ['tools:read', 'tools:write'],
      },
    ],
    limits: { servers: ['github'] },
    device: 'claude-code/2.0.14 (linux)',
    createdAt: new Date(Date.now() - 86_400_000).toISOString(),
    expiresAt: new Date(Date.now() + 6 * 86_400_000).toISOString(),
    lastUsedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
    lastUsedFrom: '192.0.2.4',
    ...changes,
  };
}
