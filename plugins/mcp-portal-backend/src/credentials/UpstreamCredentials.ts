import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import { isStrictScopeSuperset } from '@modelcontextprotocol/client';
import type { Caller } from '../callers/Caller';
import { AuthorizationNeededError } from './AuthorizationNeededError';
import type { CallerTokens } from './callerTokens';
import { type Challenge, readChallenge } from './challenge';
import {
  type AuthorizationRequests,
  type Fetch,
  type Purpose,
  scopesIn,
  type UserCredentials,
} from './oauth';
import type { CredentialSettings, SettingsOf } from './settings';
import { PortalTokens } from './portalTokens';
import type { RefusedCredential, UpstreamServer } from './UpstreamServer';

/** How the portal signs in at servers, for a caller. */
export class UpstreamCredentials {
  readonly #settings: CredentialSettings;
  readonly #callerTokens: CallerTokens;
  readonly #credentials: UserCredentials;
  readonly #requests: AuthorizationRequests;
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #connectPage: string;
  readonly #tokens: PortalTokens;

  constructor(options: {
    settings: CredentialSettings;
    callerTokens: CallerTokens;
    credentials: UserCredentials;
    requests: AuthorizationRequests;
    auth: AuthService;
    discovery: DiscoveryService;
    /** For authorization servers; see `createCredentialsFetch`. */
    fetch: Fetch;
    /** URL of the page on which users connect a server; gets `server` and `request` as parameters. */
    connectPage: string;
  }) {
    this.#settings = options.settings;
    this.#callerTokens = options.callerTokens;
    this.#credentials = options.credentials;
    this.#requests = options.requests;
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#tokens = new PortalTokens(options);
    this.#connectPage = options.connectPage;
  }

  /**
   * Headers that carry the credential.
   *
   * @throws AuthorizationNeededError when the user has to connect the server first
   * @throws NotAllowedError when there is no credential for this caller, or not for this URL
   * @throws ServiceUnavailableError when an authorization server does not answer
   */
  async headersFor(
    server: UpstreamServer,
    caller: Caller,
  ): Promise<Record<string, string>> {
    const { settings, revision, source } = this.#settings.of(server);
    if (source === 'unreadable') {
      throw new ServiceUnavailableError(
        `The credentials of the server "${server.name}" cannot be decrypted. An administrator has to set them again, or to restore the encryption key`,
      );
    }
    switch (settings.mode) {
      case 'none':
        return {};
      case 'header':
        assertOrigin(server, settings.origin);
        return Object.fromEntries(
          settings.headers.map(({ name, value }) => [
            name.toLowerCase(),
            value,
          ]),
        );
      case 'caller-token':
        return bearer(
          await this.#callerTokens.sign(caller, {
            audience: settings.audience ?? server.url,
            groupsClaim: settings.groupsClaim,
          }),
        );
      case 'client-credentials':
        assertOrigin(server, settings.origin);
        return bearer(await this.#tokens.own(server, revision, settings));
      case 'token-exchange':
        assertOrigin(server, settings.origin);
        return bearer(
          await this.#tokens.exchanged(server, revision, settings, caller),
        );
      case 'oauth': {
        const purpose = purposeOf(server, settings, caller);
        const token = await this.#credentials.accessTokenFor(purpose);
        if (!token) {
          throw await this.#authorizationNeeded(purpose);
        }
        return bearer(token);
      }
      case 'backstage':
        return bearer(await this.#pluginToken(server, settings, caller));
      default:
        return unknownMode(settings);
    }
  }

  /**
   * Told that a server refused what {@link headersFor} returned.
   *
   * @returns `retry` when the call may be sent once more, with new headers;
   *   `authorize` when there is no better credential
   * @throws AuthorizationNeededError when the user has to connect the server, or to grant it more
   */
  async refused(
    server: UpstreamServer,
    caller: Caller,
    { status, challenge: header, headers }: RefusedCredential,
  ): Promise<'retry' | 'authorize'> {
    const { settings, revision } = this.#settings.of(server);
    const refused = headers?.authorization?.replace(/^Bearer /, '');
    const challenge = readChallenge(header);
    if (settings.mode === 'oauth' && challenge.error === 'insufficient_scope') {
      return this.#needMore(purposeOf(server, settings, caller), challenge);
    }
    if (status === 403 && challenge.error !== 'invalid_token') {
      // Who may not do something may not with another token for the same.
      return 'authorize';
    }
    switch (settings.mode) {
      case 'client-credentials':
        return this.#tokens.forget(refused, server, revision)
          ? 'retry'
          : 'authorize';
      case 'token-exchange':
        return this.#tokens.forget(refused, server, revision, caller)
          ? 'retry'
          : 'authorize';
      case 'oauth':
        return this.#renew(
          purposeOf(server, settings, caller),
          challenge,
          refused,
        );
      default:
        return 'authorize';
    }
  }

  /**
   * What a user let the portal do there; undefined where that is not up to users,
   * or nobody said.
   *
   * @throws ServiceUnavailableError when an authorization server does not answer
   */
  async grantedScopes(
    server: UpstreamServer,
    caller: Caller,
  ): Promise<readonly string[] | undefined> {
    const { settings } = this.#settings.of(server);
    if (settings.mode !== 'oauth') {
      return undefined;
    }
    const scope = await this.#credentials.scopeOf(
      purposeOf(server, settings, caller),
    );
    return scope === undefined ? undefined : scopesIn(scope);
  }

  /** Whether each user signs in there, so that the portal cannot as itself. */
  isConnectedByUsers(server: UpstreamServer): boolean {
    return this.#settings.of(server).settings.mode === 'oauth';
  }

  /** Where users connect a server. */
  connectUrlOf(server: Pick<UpstreamServer, 'name'>): string {
    const url = new URL(this.#connectPage);
    url.searchParams.set('server', server.name);
    return url.href;
  }

  /**
   * Says whose credential {@link headersFor} returns, when it is called at
   * once: what a server remembers of one is never used with another.
   */
  partitionOf(server: UpstreamServer, caller: Caller): string {
    const { settings, revision } = this.#settings.of(server);
    switch (settings.mode) {
      case 'none':
      case 'header':
      case 'client-credentials':
        return JSON.stringify([settings.mode, revision]);
      default:
        return JSON.stringify([
          settings.mode,
          revision,
          caller.kind,
          caller.uuid,
          caller.client.id,
        ]);
    }
  }

  /** All that a challenge names may be granted: to ask the user again would lead nowhere then. */
  async #needMore(
    purpose: Purpose,
    { scope }: Challenge,
  ): Promise<'authorize'> {
    const granted = await this.#credentials.scopeOf(purpose);
    if (isStrictScopeSuperset(scope, granted)) {
      throw await this.#authorizationNeeded(purpose, scope);
    }
    return 'authorize';
  }

  async #renew(
    purpose: Purpose,
    challenge: Challenge,
    refused: string | undefined,
  ): Promise<'retry' | 'authorize'> {
    const token = await this.#credentials.renew(
      purpose,
      refused,
      challenge.error === 'invalid_token',
    );
    if (!token) {
      throw await this.#authorizationNeeded(purpose, challenge.scope);
    }
    return token === refused ? 'authorize' : 'retry';
  }

  async #authorizationNeeded(
    { user, server }: Purpose,
    scope?: string,
  ): Promise<AuthorizationNeededError> {
    const elicitationId = await this.#requests.open(
      user,
      server.entityRef,
      scope,
    );
    const url = new URL(this.connectUrlOf(server));
    url.searchParams.set('request', elicitationId);
    return new AuthorizationNeededError({
      server: server.name,
      url: url.href,
      elicitationId,
    });
  }

  async #pluginToken(
    server: UpstreamServer,
    { pluginId }: SettingsOf<'backstage'>,
    caller: Caller,
  ): Promise<string> {
    const bases = await Promise.all([
      this.#discovery.getBaseUrl(pluginId),
      this.#discovery.getExternalBaseUrl(pluginId),
    ]);
    const { href } = new URL(server.url);
    if (!bases.some(base => href === base || href.startsWith(`${base}/`))) {
      throw new NotAllowedError(
        `The server "${server.name}" is not at the plugin ${pluginId} of this backend, so no Backstage token is sent there; its URL has to begin with ${bases[1]}/`,
      );
    }
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await caller.backstageCredentials(),
      targetPluginId: pluginId,
    });
    return token;
  }
}

function purposeOf(
  server: UpstreamServer,
  settings: SettingsOf<'oauth'>,
  caller: Caller,
): Purpose {
  if (caller.kind !== 'user') {
    throw new NotAllowedError(
      `Each user connects the server "${server.name}" in a browser, which nobody can do for a service. An administrator can set other credentials for it`,
    );
  }
  return { user: caller.uuid, server, settings };
}

function assertOrigin(server: UpstreamServer, origin: string): void {
  if (new URL(server.url).origin !== origin) {
    throw new NotAllowedError(
      `The credentials of the server "${server.name}" are for ${origin}, and it has moved. An administrator has to look at them`,
    );
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function unknownMode(settings: never): never {
  throw new Error(`Unknown mode of credentials: ${Object(settings).mode}`);
}
