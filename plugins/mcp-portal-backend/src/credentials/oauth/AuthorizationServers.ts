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
import {
  assertAcceptable,
  isSameIssuer,
  issuerOf,
  type Metadata,
  toMetadata,
} from './acceptableMetadata';
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
    const key = keyOf(server, settings);
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

  /**
   * The authorization server that gave out tokens for a server, found without
   * asking that one: it may be retired, or have moved to another one.
   *
   * @throws NotAllowedError when the settings name another issuer, or it is not acceptable
   * @throws ServiceUnavailableError when it does not answer
   */
  async issuing(
    issuer: string,
    server: UpstreamServer,
    settings: SettingsOf<'oauth'>,
  ): Promise<AuthorizationServer> {
    if (settings.issuer && !isSameIssuer(settings.issuer, issuer)) {
      throw new NotAllowedError(
        `The tokens for "${server.name}" come from another authorization server than credentials.issuer`,
      );
    }
    const metadata: Metadata = settings.endpoints
      ? toMetadata(issuer, settings.endpoints)
      : await this.#metadata(server, issuer);
    return {
      issuer,
      metadata,
      revocationEndpoint: metadata.revocation_endpoint,
      resource: server.url,
    };
  }

  /**
   * Asks the server again next time: it refused a token, and may have moved to
   * another authorization server.
   */
  recheck(server: UpstreamServer, settings: SettingsOf<'oauth'>): void {
    const found = this.#found.get(keyOf(server, settings));
    if (found) {
      found.at = Math.min(found.at, Date.now() - FRESH_MS);
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

  /**
   * What the server tells somebody without a token, in answer to a message, as
   * not all refuse a GET in the same way. One that lets everybody in does
   * nothing on a ping.
   */
  async #challenge(server: UpstreamServer) {
    const response = await this.#fetchFor(server)(server.url, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
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

function keyOf(server: UpstreamServer, settings: SettingsOf<'oauth'>): string {
  const { issuer, scopes, endpoints } = settings;
  return JSON.stringify([server.url, issuer, scopes, endpoints]);
}
