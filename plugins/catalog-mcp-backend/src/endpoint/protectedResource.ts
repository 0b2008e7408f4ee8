import type { Response } from 'express';

/** Where the metadata document of a resource is (RFC 9728, section 3.1): the well-known part goes between host and path. */
export function metadataUrlOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname}`;
}

/** The metadata document of a protected resource (RFC 9728, section 2). */
export function protectedResourceMetadata(options: {
  resource: string;
  authorizationServers: string[];
}) {
  return {
    resource: options.resource,
    resource_name: 'Software catalog',
    authorization_servers: options.authorizationServers,
    // The authorization server grants a refresh token only to those who ask for offline_access.
    scopes_supported: ['openid', 'offline_access'],
    bearer_methods_supported: ['header'],
  };
}

/**
 * Answers 401 and says where to get a token (RFC 6750, section 3; RFC 9728, section 5.1).
 *
 * @param options.tokenGiven - whether a token was sent, and refused
 */
export function challenge(
  response: Response,
  options: { resource: string; tokenGiven: boolean },
): void {
  const parameters = [
    ...(options.tokenGiven
      ? [
          'error="invalid_token"',
          'error_description="The token is expired, revoked or not valid here"',
        ]
      : []),
    `resource_metadata="${metadataUrlOf(options.resource)}"`,
  ];
  response
    .status(401)
    .set('www-authenticate', `Bearer ${parameters.join(', ')}`)
    .json(
      options.tokenGiven
        ? {
            error: 'invalid_token',
            error_description:
              'The token is expired, revoked or not valid here. Sign in again',
          }
        : {
            error: 'unauthorized',
            error_description: 'Sign in: send a bearer token',
          },
    );
}
