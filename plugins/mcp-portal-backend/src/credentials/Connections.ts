import { NotFoundError } from '@backstage/errors';
import type {
  AuthorizationFlows,
  AuthorizationRequests,
  Authorizations,
  CredentialDescription,
  Purpose,
  StartedAuthorization,
  UserCredentials,
  UserCredentialStore,
} from './oauth';
import type { CredentialSettings } from './settings';
import { scopesIn } from './oauth';
import type { UpstreamServer } from './UpstreamServer';

/** What a user let the portal do at a server, without any token. */
export interface ServerConnection {
  /** Full entity ref. */
  server: string;
  /** Absent for a server that is no longer there. */
  name?: string;
  /**
   * - `connected`
   * - `expired`: it was, and the user has to connect it again
   * - `needs-authorization`: the user has not connected it
   */
  state: 'connected' | 'expired' | 'needs-authorization';
  /** Granted. */
  scopes: string[];
  /** That an agent needs, and that the user has not granted. */
  neededScopes: string[];
  /** ISO 8601. */
  connectedAt?: string;
  /** ISO 8601; when the user has to connect it again, as far as it is known. */
  endsAt?: string;
}

/** Something that can be granted at a server, as that describes it. */
export interface DescribedScope {
  name: string;
  description: string;
}

/** The same, for one user. */
export interface GrantableScope extends DescribedScope {
  granted: boolean;
  /** An agent needs it. */
  needed: boolean;
}

/** Connections of users with servers: made, listed and ended by their users. */
export class Connections {
  readonly #settings: CredentialSettings;
  readonly #store: UserCredentialStore;
  readonly #credentials: UserCredentials;
  readonly #requests: AuthorizationRequests;
  readonly #flows: AuthorizationFlows;
  readonly #authorizations: Authorizations;
  readonly #known: () => Promise<UpstreamServer[]>;

  constructor(options: {
    settings: CredentialSettings;
    store: UserCredentialStore;
    credentials: UserCredentials;
    requests: AuthorizationRequests;
    flows: AuthorizationFlows;
    authorizations: Authorizations;
    /** All that there are, retired ones too. */
    known: () => Promise<UpstreamServer[]>;
  }) {
    this.#settings = options.settings;
    this.#store = options.store;
    this.#credentials = options.credentials;
    this.#requests = options.requests;
    this.#flows = options.flows;
    this.#authorizations = options.authorizations;
    this.#known = options.known;
  }

  /**
   * Connections of a user, and servers that the user could connect.
   *
   * @param user - UUID
   * @param visible - servers that the user may see
   * @param only - full entity ref of the one that is asked for; default: all
   */
  async list(
    user: string,
    visible: UpstreamServer[],
    only?: string,
  ): Promise<ServerConnection[]> {
    const credentials = await this.#store.list(user);
    const connectable = visible.filter(
      server => this.#settings.of(server).settings.mode === 'oauth',
    );
    const refs = new Set([
      ...connectable.map(({ entityRef }) => entityRef),
      ...credentials.map(({ server }) => server),
    ]);
    return Promise.all(
      [...refs]
        .filter(ref => only === undefined || ref === only)
        .sort()
        .map(async ref => {
          const own = credentials.filter(({ server }) => server === ref);
          const needed = await this.#requests.scopeOf(user, ref);
          return {
            server: ref,
            name: visible.find(({ entityRef }) => entityRef === ref)?.name,
            ...describe(own, needed),
          };
        }),
    );
  }

  /**
   * Begins to connect a server.
   *
   * @param user - UUID
   * @param options.requestId - of the link that the user followed, if it was one
   * @param options.scopes - what the user chooses to grant, of {@link Connections.scopes}
   * @throws NotFoundError when users do not connect this server themselves
   */
  async start(
    user: string,
    server: UpstreamServer,
    options: { requestId?: string; scopes?: string[] } = {},
  ): Promise<StartedAuthorization> {
    return this.#authorizations.start(
      { user, ...this.#purposeOf(server) },
      options,
    );
  }

  /**
   * What a user can grant at a server, each by itself.
   *
   * @param user - UUID
   * @param described - as the server describes what there is
   * @throws NotFoundError when users do not connect this server themselves
   */
  async scopes(
    user: string,
    server: UpstreamServer,
    described: readonly DescribedScope[],
  ): Promise<GrantableScope[]> {
    const { settings } = this.#purposeOf(server);
    const [connection] = await this.list(user, [server], server.entityRef);
    const { scopes = [], neededScopes = [] } = connection ?? {};
    return described
      .filter(({ name }) => settings.scopes?.includes(name) ?? true)
      .map(({ name, description }) => ({
        name,
        description,
        granted: scopes.includes(name),
        needed: neededScopes.includes(name),
      }));
  }

  /**
   * Finishes it, once the authorization server has answered.
   *
   * @param user - UUID of who asks now
   * @param browser - from the cookie
   * @param connectable - servers that this user may connect now
   * @returns name of the server
   */
  async finish(
    flowId: string,
    user: string,
    browser: string | undefined,
    connectable: UpstreamServer[],
  ): Promise<string> {
    return this.#authorizations.finish(flowId, user, browser, ref => {
      const server = connectable.find(({ entityRef }) => entityRef === ref);
      if (!server) {
        throw new NotFoundError('This server is not there any more');
      }
      return this.#purposeOf(server);
    });
  }

  /**
   * Ends the connections of a user, or those with a server, and what is on the way.
   *
   * @returns how many there were
   */
  async end(
    where: { user: string; server?: string } | { server: string },
  ): Promise<number> {
    const servers = await this.#known();
    // First, so that nothing that is on the way is finished afterwards.
    await this.#flows.end(where);
    return this.#credentials.end(where, ref => {
      const server = servers.find(({ entityRef }) => entityRef === ref);
      try {
        return server && this.#purposeOf(server);
      } catch {
        // It is signed in to in another way now; there is nobody to tell.
        return undefined;
      }
    });
  }

  #purposeOf(server: UpstreamServer): Omit<Purpose, 'user'> {
    const { settings } = this.#settings.of(server);
    if (settings.mode !== 'oauth') {
      throw new NotFoundError(
        `The server "${server.name}" does not need to be connected`,
      );
    }
    return { server, settings };
  }
}

function describe(
  credentials: CredentialDescription[],
  needed: string | undefined,
): Omit<ServerConnection, 'server' | 'name'> {
  const now = Date.now();
  // The last one, when the server has changed its authorization server.
  const [last] = credentials.sort(
    (a, b) => b.connectedAt.getTime() - a.connectedAt.getTime(),
  );
  const scopes = scopesIn(last?.scope);
  return {
    state: stateOf(last, now),
    scopes,
    neededScopes: scopesIn(needed).filter(scope => !scopes.includes(scope)),
    connectedAt: last?.connectedAt.toISOString(),
    endsAt: last?.endsAt?.toISOString(),
  };
}

function stateOf(
  credential: CredentialDescription | undefined,
  now: number,
): ServerConnection['state'] {
  if (!credential) {
    return 'needs-authorization';
  }
  const hasEnded =
    !credential.usable ||
    (credential.endsAt && credential.endsAt.getTime() <= now);
  return hasEnded ? 'expired' : 'connected';
}
