import type {
  ConsentDecision,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { SCOPE_DEFAULTED } from '../authorizationServer/AuthorizationPolicy';
import type { StoredConnection } from '../connections';
import { isLoopbackHttp } from '../loopback/loopback';
import type { AgentResources } from '../resources/AgentResources';

/** An authorization or device authorization request, as the client sent it. */
export interface AuthorizationRequest {
  /** By which it is answered once only. */
  id: string;
  clientId: string;
  redirectUri?: string;
  scope?: string;
  resource?: string | string[];
  scopeDefaulted: boolean;
  device?: { address?: string; userAgent?: string };
  expiresAt: Date;
}

/** Reads an authorization request from the parameters that the library keeps. */
export function toAuthorizationRequest(
  parameters: Record<string, unknown>,
  rest: Pick<AuthorizationRequest, 'id' | 'device' | 'expiresAt'>,
): AuthorizationRequest {
  const { client_id, redirect_uri, scope, resource } = parameters;
  return {
    clientId: String(client_id),
    redirectUri: redirect_uri as string | undefined,
    scope: scope as string | undefined,
    resource: resource as string | string[] | undefined,
    scopeDefaulted: parameters[SCOPE_DEFAULTED] === 'true',
    ...rest,
  };
}

/** Where an answer goes, as a user can judge it. */
export function describeRedirect(uri: string): ConsentRequest['redirect'] {
  const url = new URL(uri);
  // What follows a scheme of an application is the application's to choose, and no host.
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return {
    uri,
    host: isWeb ? url.host : url.protocol,
    loopback: !isWeb || isLoopbackHttp(url),
  };
}

/** What a user chose for a connection, in the words of a new request. */
export function toDecision(
  connection: StoredConnection,
  asked: ConsentRequest['resources'],
  resources: AgentResources,
): ConsentDecision {
  const { createdAt, expiresAt } = connection;
  return {
    resources: connection.resources.map(({ audience, scopes }) => ({
      // The client may spell it in its own way.
      audience:
        asked.find(
          candidate =>
            resources.find(candidate.audience)?.audience === audience,
        )?.audience ?? audience,
      scopes,
    })),
    limits: connection.limits,
    lifetimeSeconds: Math.round(
      (Date.parse(expiresAt) - Date.parse(createdAt)) / 1000,
    ),
    name: connection.name,
  };
}
