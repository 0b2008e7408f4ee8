import { isError, NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  computeScopeUnion,
  startAuthorization,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client';
import type { AuthorizationFlows, FlowAnswer } from './AuthorizationFlows';
import type { AuthorizationRequests } from './AuthorizationRequests';
import type {
  AuthorizationServer,
  AuthorizationServers,
} from './AuthorizationServers';
import type { OAuthClients } from './OAuthClients';
import { type Fetch, requestToken } from './requestToken';
import type { Purpose, UserCredentials } from './UserCredentials';

/** A flow that has begun. */
export interface StartedAuthorization {
  /** Where to send the browser. */
  authorizationUrl: string;
  /** Of the flow; not secret. */
  flowId: string;
  /** For a cookie of this browser. */
  browser: string;
}

/** Lets users connect servers: OAuth 2.1 with PKCE, for one resource (RFC 8707). */
export class Authorizations {
  readonly #servers: AuthorizationServers;
  readonly #clients: OAuthClients;
  readonly #requests: AuthorizationRequests;
  readonly #flows: AuthorizationFlows;
  readonly #credentials: UserCredentials;
  readonly #fetch: Fetch;

  constructor(options: {
    servers: AuthorizationServers;
    clients: OAuthClients;
    requests: AuthorizationRequests;
    flows: AuthorizationFlows;
    credentials: UserCredentials;
    fetch: Fetch;
  }) {
    this.#servers = options.servers;
    this.#clients = options.clients;
    this.#requests = options.requests;
    this.#flows = options.flows;
    this.#credentials = options.credentials;
    this.#fetch = options.fetch;
  }

  /**
   * Begins to connect a server, for the user who is signed in in the browser.
   *
   * @param options.requestId - of the link that the user followed, if it was one
   * @param options.scopes - what the user chooses to grant; nothing else is asked for
   * @throws NotAllowedError when the link is for somebody else
   * @throws NotFoundError when it has expired
   */
  async start(
    purpose: Purpose,
    { requestId, scopes }: { requestId?: string; scopes?: string[] } = {},
  ): Promise<StartedAuthorization> {
    const { user, server, settings } = purpose;
    if (requestId !== undefined) {
      await this.#checkRequest(purpose, requestId);
    }
    const at = await this.#servers.of(server, settings);
    const client = await this.#clients.at(at, settings);
    const chosenScope = await this.#chosenScope(purpose, scopes);
    const scope =
      chosenScope === undefined
        ? computeScopeUnion(
            // What is granted is asked for again, or it would be lost.
            await this.#credentials.scopeOf(purpose),
            at.scope,
            offlineAccess(at, settings.scopes),
            await this.#requests.scopeOf(user, server.entityRef),
          )
        : computeScopeUnion(chosenScope, offlineAccess(at, settings.scopes));
    const { id, state, browser } = this.#flows.newSecrets();
    const { authorizationUrl, codeVerifier } = await startAuthorization(
      at.issuer,
      {
        metadata: at.metadata,
        clientInformation: { client_id: client.id },
        redirectUrl: this.#clients.redirectUri,
        scope,
        state,
        resource: at.resource,
      },
    );
    await this.#flows.start(id, browser, {
      user,
      server: server.entityRef,
      codeVerifier,
      issuer: at.issuer,
      clientId: client.id,
      scope,
      chosenScope,
    });
    return { authorizationUrl: authorizationUrl.href, flowId: id, browser };
  }

  /**
   * Exchanges the code of an answered flow, and keeps the tokens for its user.
   *
   * @param purposeOf - how the portal signs in at a server now
   * @returns name of the server
   * @throws NotAllowedError when the answer is not acceptable, or the user declined
   */
  async finish(
    flowId: string,
    user: string,
    browser: string | undefined,
    purposeOf: (server: string) => Omit<Purpose, 'user'>,
  ): Promise<string> {
    const { flow, answer } = await this.#flows.take(flowId, user, browser);
    const purpose = { user, ...purposeOf(flow.server) };
    const { server, settings } = purpose;
    const at = await this.#servers.of(server, settings);
    const client = await this.#clients.at(at, settings);
    if (at.issuer !== flow.issuer || client.id !== flow.clientId) {
      throw new NotAllowedError(
        `How to sign in at "${server.name}" has changed meanwhile. Connect it again`,
      );
    }
    checkAnswer(at, answer, server.name);
    const given = await this.#exchange(at, client, flow.codeVerifier, answer);
    await this.#credentials.keep(purpose, at, client, given, flow);
    await this.#requests.close(user, server.entityRef);
    return server.name;
  }

  /** A choice of before holds until there is another one; what an agent needs comes on top. */
  async #chosenScope(
    purpose: Purpose,
    scopes: string[] | undefined,
  ): Promise<string | undefined> {
    if (scopes) {
      return scopes.join(' ');
    }
    const before = await this.#credentials.chosenScopeOf(purpose);
    return before === undefined
      ? undefined
      : computeScopeUnion(
          before,
          await this.#requests.scopeOf(purpose.user, purpose.server.entityRef),
        ) ?? before;
  }

  async #checkRequest(
    { user, server }: Purpose,
    requestId: string,
  ): Promise<void> {
    const request = await this.#requests.get(requestId);
    if (!request || request.server !== server.entityRef) {
      throw new NotFoundError(
        'This link has expired, or was used. Connect the server on the page of your connections',
      );
    }
    if (request.user !== user) {
      throw new NotAllowedError(
        'This link was made for somebody else. Whoever sent it to you should open it',
      );
    }
  }

  async #exchange(
    at: AuthorizationServer,
    client: Parameters<typeof requestToken>[0]['client'],
    codeVerifier: string,
    { code }: FlowAnswer,
  ) {
    try {
      return await requestToken({
        fetch: this.#fetch,
        tokenEndpoint: String(at.metadata.token_endpoint),
        client,
        parameters: {
          grant_type: 'authorization_code',
          code,
          code_verifier: codeVerifier,
          redirect_uri: this.#clients.redirectUri,
          resource: at.resource,
        },
      });
    } catch (error) {
      if (isError(error) && error.name === 'TokenRefusedError') {
        if (error.code === 'invalid_client') {
          await this.#clients.forget(at.issuer);
        }
        throw new NotAllowedError(`${error.message}. Connect the server again`);
      }
      throw error;
    }
  }
}

/** What else the answer says is not shown: it may come from anybody. */
function checkAnswer(
  at: AuthorizationServer,
  answer: FlowAnswer,
  server: string,
): void {
  try {
    validateAuthorizationResponseIssuer({
      iss: answer.iss,
      expectedIssuer: at.issuer,
      issParameterSupported:
        at.metadata.authorization_response_iss_parameter_supported === true,
    });
  } catch {
    throw new NotAllowedError(
      `The answer does not come from the authorization server of "${server}" (RFC 9207). Nothing was connected`,
    );
  }
  if (answer.error !== undefined || !answer.code) {
    throw new NotAllowedError(
      answer.error === 'access_denied'
        ? `You did not allow the portal to use "${server}". Nothing was connected`
        : `The authorization server of "${server}" gave no permission. Nothing was connected`,
    );
  }
}

/** Without it some servers give no refresh token; one that does not know it might refuse. */
function offlineAccess(
  at: AuthorizationServer,
  scopes: string[] | undefined,
): string | undefined {
  return !scopes && at.metadata.scopes_supported?.includes('offline_access')
    ? 'offline_access'
    : undefined;
}
