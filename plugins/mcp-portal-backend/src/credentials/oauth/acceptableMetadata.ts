import { NotAllowedError } from '@backstage/errors';
import type {
  AuthorizationServerMetadata,
  OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/client';
import type { SettingsOf } from '../settings';
import type { UpstreamServer } from '../UpstreamServer';

/** The type of the SDK leaves it out for OpenID providers, which have it as well. */
export type Metadata = AuthorizationServerMetadata & {
  revocation_endpoint?: string;
};

const MAX_ISSUER_LENGTH = 500;

/**
 * The issuer of the tokens of a server: as set, or as it says.
 *
 * @throws NotAllowedError when both say something, and not the same
 */
export function issuerOf(
  server: UpstreamServer,
  settings: SettingsOf<'oauth'>,
  resource: OAuthProtectedResourceMetadata | undefined,
): string {
  const named = resource?.authorization_servers;
  if (settings.issuer) {
    const { issuer } = settings;
    if (named?.length && !named.some(one => isSameIssuer(one, issuer))) {
      throw new NotAllowedError(
        `The server "${server.name}" takes no tokens of ${issuer} (credentials.issuer); it names other authorization servers`,
      );
    }
    return issuer;
  }
  // Without metadata the server is its own authorization server, as revision 2025-03-26 had it.
  return named?.[0] ?? new URL('/', server.url).href;
}

/**
 * Endpoints have to be where the issuer is: otherwise one authorization server
 * could send users to another, and get the codes of that one.
 *
 * @throws NotAllowedError
 */
export function assertAcceptable(
  server: UpstreamServer,
  metadata: Metadata,
): void {
  if (metadata.issuer.length > MAX_ISSUER_LENGTH) {
    throw new NotAllowedError(
      `The issuer of "${server.name}" has more than ${MAX_ISSUER_LENGTH} characters`,
    );
  }
  const { origin } = new URL(metadata.issuer);
  for (const name of [
    'authorization_endpoint',
    'token_endpoint',
    'registration_endpoint',
    'revocation_endpoint',
  ] as const) {
    const endpoint = metadata[name];
    if (
      endpoint !== undefined &&
      URL.parse(String(endpoint))?.origin !== origin
    ) {
      throw new NotAllowedError(
        `The authorization server of "${server.name}" has its ${name} at another host than its issuer ${origin}; if that is right, an administrator can set credentials.issuer and endpoints`,
      );
    }
  }
  if (!metadata.code_challenge_methods_supported?.includes('S256')) {
    throw new NotAllowedError(
      `The authorization server of "${server.name}" does not say that it supports PKCE with S256; if it does, an administrator can set credentials.issuer and endpoints`,
    );
  }
}

/** Metadata of an authorization server that publishes none. */
export function toMetadata(
  issuer: string,
  endpoints: NonNullable<SettingsOf<'oauth'>['endpoints']>,
): Metadata {
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    revocation_endpoint: endpoints.revocation,
    response_types_supported: ['code'],
  };
}

/** Whether two issuers are the same; some write a slash at the end. */
export function isSameIssuer(one: string, other: string): boolean {
  return withoutSlash(one) === withoutSlash(other);
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
