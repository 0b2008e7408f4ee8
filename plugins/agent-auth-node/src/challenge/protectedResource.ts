import type { Handler } from 'express';
import { DPOP_ALGORITHMS } from '../dpop';

/**
 * Where the metadata document of a resource is (RFC 9728, section 3.1): the
 * well-known part goes between host and path.
 *
 * @param resource - URL of the resource
 * @public
 */
export function metadataUrlOf(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  const path = pathname === '/' ? '' : pathname;
  return `${origin}/.well-known/oauth-protected-resource${path}${search}`;
}

/** Metadata of a protected resource (RFC 9728, section 2; RFC 9449, section 5.1). @public */
export interface ProtectedResourceMetadata {
  resource: string;
  resource_name: string;
  authorization_servers: string[];
  scopes_supported: string[];
  bearer_methods_supported: string[];
  dpop_signing_alg_values_supported?: string[];
}

/**
 * The metadata document of a protected resource.
 *
 * @public
 */
export function protectedResourceMetadata(options: {
  /** Its URL. */
  resource: string;
  /** For people. */
  name: string;
  /** Issuers of the tokens it takes. */
  authorizationServers: string[];
  /** That a token for it may have. */
  scopes: string[];
  /** Whether tokens may be bound to a key. Default: true. */
  dpop?: boolean;
}): ProtectedResourceMetadata {
  return {
    resource: options.resource,
    resource_name: options.name,
    authorization_servers: options.authorizationServers,
    // How long a client stays signed in is between it and the authorization server, no matter of the resource.
    scopes_supported: options.scopes.filter(
      scope => scope !== 'offline_access',
    ),
    bearer_methods_supported: ['header'],
    ...(options.dpop === false
      ? {}
      : { dpop_signing_alg_values_supported: [...DPOP_ALGORITHMS] }),
  };
}

/**
 * Serves a JSON document that anybody may read, web pages of other origins included.
 *
 * @param read - reads the document; what it throws goes to the error handler
 * @public
 */
export function publicDocument(read: () => Promise<unknown>): Handler {
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    read()
      .then(document =>
        response
          .set('access-control-allow-origin', '*')
          .set('cache-control', 'public, max-age=300')
          .json(document),
      )
      .catch(next);
  };
}
