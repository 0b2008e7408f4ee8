import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  type AuthorizationServerMetadata,
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  type OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/client';
import { LRUCache } from 'lru-cache';
import type { SettingsOf } from '../settings';
import type { UpstreamServer } from '../UpstreamServer';
import type { Fetch } from './requestToken';

/** The authorization server of an MCP server, as far as signing in needs it. */
export interface AuthorizationServer {
  issuer: string;
  metadata: AuthorizationServerMetadata;
  revocationEndpoint?: string;
  /** Identifier of the MCP server there (RFC 8707). */
  resource: string;
  /** To ask for when nobody says otherwise, separated by spaces. */
  scope?: string;
}

const MAX_SERVERS = 1_000;

/** After this a server is asked again who gives out its tokens. */
const FRESH_MS = 10 * 60_000;

/** What was found is used for so long while the server or its authorization server is silent. */
const STALE_MS = 24 * 60 * 60_000;

const MAX_SCOPE_LENGTH = 4_000;

const MAX_ISSUER_LENGTH = 500;

/** The type of the SDK leaves it out for OpenID providers, which have it as well. */
type Metadata = AuthorizationServerMetadata & { revocation_endpoint?: string };

interface Found {
  server: AuthorizationServer;
  at: number;
}

/**
 * Finds who gives out tokens for a server: what the settings say, the server's
 * own metadata (RFC 9728) and that of the authorization server (RFC 8414,
 * OpenID Connect Discovery).
 */
export class AuthorizationServers {
  readonly #fetch: Fetch;
  readonly #fetchFor: (server: UpstreamServer) => Fetch;
  readonly #logger: LoggerService;
  readonly #found = new LRUCache<string, Found>({ max: MAX_SERVERS });
  readonly #finding = new Map<string, Promise<AuthorizationServer>>();

  constructor(options: {
    /** For authorization servers. */
    fetch: Fetch;
    /** Reaches a server as well, wherever it is. */
    fetchFor: (server: UpstreamServer) => Fetch;
    logger: LoggerService;
  }) {
    this.#fetch = options.fetch;
    this.#fetchFor = options.fetchFor;
    this.#logger = options.logger;
  }

  /**
   * The authorization server of a server, remembered for ten minutes.
   *
   * @throws NotAllowedError when what the server or the authorization server says is not acceptable
   * @throws ServiceUnavailableError when one of them does not answer
   */
  async of(
    server: UpstreamServer,
    settings: SettingsOf<'oauth'>,
  ): Promise<AuthorizationServer> {
    const key = JSON.stringify([
      server.url,
      settings.issuer,
      settings.scopes,
      settings.endpoints,
    ]);
    const found = this.#found.get(key);
    if (found && Date.now() - found.at < FRESH_MS) {
      return found.server;
    }
    try {
      return await this.#findOnce(key, server, settings);
    } catch (error) {
      const silent = isError(error) && error.name === 'ServiceUnavailableError';
      if (found && silent && Date.now() - found.at < STALE_MS) {
        return found.server;
      }
      throw error;
    }
  }

  #findOnce(
    key: string,
    server: UpstreamServer,
    settings: SettingsOf<'oauth'>,
  ): Promise<AuthorizationServer> {
    const finding = this.#finding.get(key);
    if (finding) {
      return finding;
    }
    const started = this.#find(server, settings)
      .then(found => {
        this.#found.set(key, { server: found, at: Date.now() });
        return found;
      })
      .finally(() => this.#finding.delete(key));
    this.#finding.set(key, started);
    return started;
  }

  async #find(
    server: UpstreamServer,
    settings: SettingsOf<'oauth'>,
  ): Promise<AuthorizationServer> {
    const challenge = await this.#challenge(server);
    const resource = await this.#resourceMetadata(
      server,
      challenge.resourceMetadataUrl,
    );
    const issuer = issuerOf(server, settings, resource);
    const metadata: Metadata = settings.endpoints
      ? toMetadata(issuer, settings.endpoints)
      : await this.#metadata(server, issuer);
    const scope =
      settings.scopes?.join(' ') ??
      challenge.scope ??
      resource?.scopes_supported?.join(' ');
    if (scope && scope.length > MAX_SCOPE_LENGTH) {
      throw new NotAllowedError(
        `The server "${server.name}" asks for too many scopes; set credentials.scopes`,
      );
    }
    return {
      issuer: metadata.issuer,
      metadata,
      revocationEndpoint: metadata.revocation_endpoint,
      resource: resource?.resource ?? server.url,
      scope: scope || undefined,
    };
  }

  /** What the server tells somebody without a token. */
  async #challenge(server: UpstreamServer) {
    const response = await this.#fetchFor(server)(server.url, {
      headers: { accept: 'application/json, text/event-stream' },
    });
    await response.body?.cancel();
    const challenge = extractWWWAuthenticateParams(response);
    // A document elsewhere could speak for a server that it does not belong to.
    const { resourceMetadataUrl } = challenge;
    return {
      scope: challenge.scope,
      resourceMetadataUrl:
        resourceMetadataUrl?.origin === new URL(server.url).origin
          ? resourceMetadataUrl
          : undefined,
    };
  }

  /** @returns undefined when the server has none */
  async #resourceMetadata(
    server: UpstreamServer,
    resourceMetadataUrl: URL | undefined,
  ): Promise<OAuthProtectedResourceMetadata | undefined> {
    let metadata: OAuthProtectedResourceMetadata;
    try {
      metadata = await discoverOAuthProtectedResourceMetadata(
        server.url,
        { resourceMetadataUrl },
        this.#fetchFor(server),
      );
    } catch (error) {
      if (isError(error) && error.name === 'ServiceUnavailableError') {
        throw error;
      }
      this.#logger.debug(
        `The server "${server.name}" has no protected resource metadata: ${error}`,
      );
      return undefined;
    }
    const isItsOwn = checkResourceAllowed({
      requestedResource: server.url,
      configuredResource: metadata.resource,
    });
    if (!isItsOwn) {
      // Its tokens would be good at another server.
      throw new NotAllowedError(
        `The server "${server.name}" says that it is another resource than its URL`,
      );
    }
    return metadata;
  }

  async #metadata(server: UpstreamServer, issuer: string): Promise<Metadata> {
    let metadata: Metadata | undefined;
    try {
      metadata = await discoverAuthorizationServerMetadata(issuer, {
        fetchFn: this.#fetch,
      });
    } catch (error) {
      if (isError(error) && error.name === 'IssuerMismatchError') {
        throw new NotAllowedError(
          `The metadata of the authorization server of "${server.name}" names another issuer`,
        );
      }
      this.#logger.warn(
        `The authorization server of "${server.name}" cannot be discovered: ${error}`,
      );
      throw new ServiceUnavailableError(
        `The authorization server of "${server.name}" cannot be discovered now`,
      );
    }
    if (!metadata) {
      throw new NotAllowedError(
        `The authorization server of "${server.name}" publishes no metadata; an administrator can set credentials.issuer and endpoints`,
      );
    }
    assertAcceptable(server, metadata);
    return metadata;
  }
}

function issuerOf(
  server: UpstreamServer,
  settings: SettingsOf<'oauth'>,
  resource: OAuthProtectedResourceMetadata | undefined,
): string {
  const named = resource?.authorization_servers;
  if (settings.issuer) {
    const sameAs = (issuer: string) =>
      withoutSlash(issuer) === withoutSlash(settings.issuer!);
    if (named?.length && !named.some(sameAs)) {
      throw new NotAllowedError(
        `The server "${server.name}" takes no tokens of ${settings.issuer} (credentials.issuer); it names other authorization servers`,
      );
    }
    return settings.issuer;
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
function assertAcceptable(server: UpstreamServer, metadata: Metadata): void {
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

function toMetadata(
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

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
