import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import type { SettingsOf } from '../settings';
import type { UpstreamServer } from '../UpstreamServer';
import type {
  AuthorizationServer,
  AuthorizationServers,
} from './AuthorizationServers';
import type { OAuthClients } from './OAuthClients';
import {
  type Fetch,
  type GivenTokens,
  type OAuthClient,
  requestToken,
} from './requestToken';
import { TokenRevocation } from './TokenRevocation';
import type {
  CredentialKey,
  UserCredential,
  UserCredentialStore,
} from './UserCredentialStore';

/** Longer than a token request may take. A replica that is killed blocks a credential for so long. */
const LEASE_MS = 30_000;

const POLL_MS = 50;

/** A token is refreshed this long before it expires, so that a call does not come too late with it. */
const REFRESHED_BEFORE_EXPIRY_MS = 30_000;

/** A token that is refused so soon after it was issued would be refused again. */
const JUST_ISSUED_MS = 30_000;

/** What a token is needed for. */
export interface Purpose {
  /** UUID of the user. */
  user: string;
  server: UpstreamServer;
  settings: SettingsOf<'oauth'>;
}

/**
 * Tokens that users let the portal have, refreshed when they have to be. A
 * refresh token works once, and using it twice ends the grant at many
 * authorization servers: so replicas take turns, by a lease in the database.
 */
export class UserCredentials {
  readonly #store: UserCredentialStore;
  readonly #servers: AuthorizationServers;
  readonly #clients: OAuthClients;
  readonly #fetch: Fetch;
  readonly #revocation: TokenRevocation;
  readonly #logger: LoggerService;
  readonly #refreshing = new Map<string, Promise<string | undefined>>();

  constructor(options: {
    store: UserCredentialStore;
    servers: AuthorizationServers;
    clients: OAuthClients;
    fetch: Fetch;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#servers = options.servers;
    this.#clients = options.clients;
    this.#fetch = options.fetch;
    this.#revocation = new TokenRevocation(options);
    this.#logger = options.logger;
  }

  /**
   * An access token that has not expired.
   *
   * @returns undefined when the user has to connect the server
   * @throws ServiceUnavailableError when a refresh fails for the moment
   */
  async accessTokenFor(purpose: Purpose): Promise<string | undefined> {
    const at = await this.#servers.of(purpose.server, purpose.settings);
    const key = keyOf(purpose, at);
    const credential = await this.#store.get(key);
    if (!credential?.tokens || credential.tokens.resource !== at.resource) {
      return undefined;
    }
    const { accessExpiresAt, tokens } = credential;
    const isFresh =
      !accessExpiresAt ||
      accessExpiresAt.getTime() - REFRESHED_BEFORE_EXPIRY_MS > Date.now();
    return isFresh
      ? tokens.accessToken
      : this.#refreshOnce(purpose, at, tokens.accessToken);
  }

  /**
   * Looks for a better token than one that the server refused.
   *
   * @param refused - the token, when it is known
   * @param isInvalid - whether the server said that the token itself is not good
   * @returns the best token that there is, which may be the same; undefined when
   *   the user has to connect the server
   */
  async renew(
    purpose: Purpose,
    refused: string | undefined,
    isInvalid: boolean,
  ): Promise<string | undefined> {
    this.#servers.recheck(purpose.server, purpose.settings);
    const at = await this.#servers.of(purpose.server, purpose.settings);
    const key = keyOf(purpose, at);
    const credential = await this.#store.get(key);
    if (!credential?.tokens) {
      return undefined;
    }
    const { tokens, issuedAt } = credential;
    if (refused !== undefined && refused !== tokens.accessToken) {
      return tokens.accessToken;
    }
    if (Date.now() - issuedAt.getTime() < JUST_ISSUED_MS) {
      if (refused === undefined || !isInvalid) {
        return tokens.accessToken;
      }
      await this.#store.expire(key, credential.version);
      return undefined;
    }
    return this.#refreshOnce(purpose, at, tokens.accessToken);
  }

  /** What may be used of what a user has granted at a server, separated by spaces. */
  async scopeOf(purpose: Purpose): Promise<string | undefined> {
    return (await this.#find(purpose))?.scope;
  }

  /** What a user has chosen to grant at a server, separated by spaces; undefined without a choice. */
  async chosenScopeOf(purpose: Purpose): Promise<string | undefined> {
    return (await this.#find(purpose))?.chosenScope;
  }

  async #find(purpose: Purpose): Promise<UserCredential | undefined> {
    const at = await this.#servers.of(purpose.server, purpose.settings);
    return this.#store.get(keyOf(purpose, at));
  }

  /**
   * Keeps what a user has just granted, in place of what was there.
   *
   * @param asked - what was asked for, and what of it the user chose, if it was a choice
   */
  async keep(
    purpose: Purpose,
    at: AuthorizationServer,
    client: OAuthClient,
    given: GivenTokens,
    asked: { scope?: string; chosenScope?: string },
  ): Promise<void> {
    const key = keyOf(purpose, at);
    const before = await this.#store.get(key).catch(() => undefined);
    await this.#store.replace(
      key,
      {
        accessToken: given.accessToken,
        refreshToken: given.refreshToken,
        clientId: client.id,
        resource: at.resource,
      },
      given,
      given.scope ?? asked.scope,
      asked.chosenScope,
    );
    if (before?.tokens) {
      await this.#revocation.revoke(at, client, before.tokens);
    }
  }

  /**
   * Ends what a user granted: here, and as far as it can be done at the
   * authorization server.
   *
   * @param purposeOf - how the portal signs in at a server now
   * @returns how many there were
   */
  async end(
    where: { user: string; server?: string } | { server: string },
    purposeOf: (server: string) => Omit<Purpose, 'user'> | undefined,
  ): Promise<number> {
    const credentials = await this.#store.listOf(where);
    for (const credential of credentials) {
      await this.#store.delete(credential);
      const purpose = purposeOf(credential.server);
      if (purpose && credential.tokens) {
        await this.#revokeWhereItIs(purpose, credential);
      }
    }
    return credentials.length;
  }

  #refreshOnce(
    purpose: Purpose,
    at: AuthorizationServer,
    stale: string,
  ): Promise<string | undefined> {
    const id = JSON.stringify([keyOf(purpose, at), stale]);
    const running = this.#refreshing.get(id);
    if (running) {
      return running;
    }
    const started = this.#takeTurns(purpose, at, stale).finally(() =>
      this.#refreshing.delete(id),
    );
    this.#refreshing.set(id, started);
    return started;
  }

  async #takeTurns(
    purpose: Purpose,
    at: AuthorizationServer,
    stale: string,
  ): Promise<string | undefined> {
    const key = keyOf(purpose, at);
    const deadline = Date.now() + LEASE_MS;
    for (;;) {
      const credential = await this.#store.get(key);
      if (!credential?.tokens) {
        return undefined;
      }
      if (credential.tokens.accessToken !== stale) {
        // Somebody else has refreshed it, or the user has connected again.
        return credential.tokens.accessToken;
      }
      if (await this.#store.lease(key, credential.version, LEASE_MS)) {
        return this.#refresh(purpose, at, credential);
      }
      if (Date.now() > deadline) {
        throw new ServiceUnavailableError(
          `The sign-in at "${purpose.server.name}" is being refreshed. Try again shortly`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  async #refresh(
    purpose: Purpose,
    at: AuthorizationServer,
    credential: UserCredential,
  ): Promise<string | undefined> {
    const key = keyOf(purpose, at);
    const { version, scope } = credential;
    const tokens = credential.tokens!;
    let given: GivenTokens;
    let client: OAuthClient;
    try {
      client = await this.#clients.at(at, purpose.settings);
      // Tokens belong to the client to which they were given (RFC 6749, section 10.4).
      if (!tokens.refreshToken || client.id !== tokens.clientId) {
        await this.#store.expire(key, version);
        return undefined;
      }
      given = await requestToken({
        fetch: this.#fetch,
        tokenEndpoint: String(at.metadata.token_endpoint),
        client,
        parameters: {
          grant_type: 'refresh_token',
          refresh_token: tokens.refreshToken,
          resource: at.resource,
        },
      });
    } catch (error) {
      return this.#afterFailure(purpose, key, credential, at, error);
    }
    const refreshed = {
      ...tokens,
      accessToken: given.accessToken,
      refreshToken: given.refreshToken ?? tokens.refreshToken,
    };
    const kept = await this.#store.refresh(
      key,
      version,
      refreshed,
      given,
      given.scope ?? scope,
    );
    if (kept) {
      return given.accessToken;
    }
    // The user has disconnected the server, or connected it again meanwhile.
    await this.#revocation.revoke(at, client, refreshed);
    return (await this.#store.get(key))?.tokens?.accessToken;
  }

  async #afterFailure(
    { server }: Purpose,
    key: CredentialKey,
    credential: UserCredential,
    at: AuthorizationServer,
    error: unknown,
  ): Promise<string | undefined> {
    const refused = isError(error) && error.name === 'TokenRefusedError';
    if (!refused) {
      await this.#store.release(key, credential.version);
      const { accessExpiresAt, tokens } = credential;
      if (accessExpiresAt && accessExpiresAt.getTime() > Date.now()) {
        return tokens!.accessToken;
      }
      throw error;
    }
    this.#logger.info(
      `The sign-in of user ${key.user} at "${server.name}" has ended: ${error}`,
    );
    if (error.code === 'invalid_client') {
      await this.#clients.forget(at.issuer);
    }
    await this.#store.expire(key, credential.version);
    return (await this.#store.get(key))?.tokens?.accessToken;
  }

  async #revokeWhereItIs(
    purpose: Omit<Purpose, 'user'>,
    credential: UserCredential,
  ): Promise<void> {
    try {
      const at = await this.#servers.issuing(
        credential.issuer,
        purpose.server,
        purpose.settings,
      );
      const client = await this.#clients.at(at, purpose.settings);
      // Nobody else can end them.
      if (client.id === credential.tokens?.clientId) {
        await this.#revocation.revoke(at, client, credential.tokens);
      }
    } catch (error) {
      this.#logger.info(
        `Tokens for "${purpose.server.name}" could not be revoked, and are forgotten only: ${error}`,
      );
    }
  }
}

function keyOf(
  { user, server }: Purpose,
  at: AuthorizationServer,
): CredentialKey {
  return {
    user,
    server: server.entityRef,
    issuer: at.issuer,
    origin: new URL(server.url).origin,
  };
}
