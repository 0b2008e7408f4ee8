import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type {
  ConnectionUse,
  CredentialsResponse,
  IntrospectionResponse,
  PresencesResponse,
  PrincipalRequest,
  PrincipalResponse,
  RevocationsResponse,
} from './protocol';

/**
 * The internal API of the agent-auth backend, called as one plugin.
 *
 * All methods throw a `ServiceUnavailableError` when it does not answer in
 * time, refuses, or answers in another form than expected.
 */
export class AgentAuthBackend {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #timeoutMs: number;

  /** @param options.timeoutMs - for each request */
  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    timeoutMs: number;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Asks what tokens stand for. The items are as they came: see `readTokenFacts`. */
  async introspect(
    hashes: string[],
  ): Promise<{ items: unknown[]; last: number }> {
    const answer = await this.#json<IntrospectionResponse>(
      await this.#send('POST', '/tokens/introspect', { hashes }),
    );
    if (
      !Array.isArray(answer?.items) ||
      answer.items.length !== hashes.length ||
      !Number.isSafeInteger(answer.last)
    ) {
      throw unexpected();
    }
    return answer;
  }

  /** Asks for the revocations after a sequence number. */
  async revocations(after: number): Promise<RevocationsResponse> {
    const answer = await this.#json<RevocationsResponse>(
      await this.#send('GET', `/revocations?after=${after}`),
    );
    if (
      !Number.isSafeInteger(answer?.last) ||
      !Array.isArray(answer.connections) ||
      !Array.isArray(answer.hashes)
    ) {
      throw unexpected();
    }
    return answer;
  }

  /**
   * Asks for a token to act in Backstage for the user of a connection.
   *
   * @throws AuthenticationError when the user cannot be acted for any more
   */
  async credentials(connectionId: string): Promise<CredentialsResponse> {
    const response = await this.#send('POST', '/credentials', { connectionId });
    if (response.status === 401 || response.status === 404) {
      throw new AuthenticationError(
        "The portal's sign-in of this user has ended. Connect the client again",
      );
    }
    const answer = await this.#json<CredentialsResponse>(response);
    if (
      typeof answer?.token !== 'string' ||
      !Number.isFinite(answer.expiresAt)
    ) {
      throw unexpected();
    }
    return answer;
  }

  /** Asks who somebody is. @returns undefined when nobody in the catalog is it */
  async principal(
    who: PrincipalRequest,
  ): Promise<PrincipalResponse | undefined> {
    const response = await this.#send('POST', '/principals', who);
    if (response.status === 404) {
      return undefined;
    }
    const answer = await this.#json<PrincipalResponse>(response);
    if (
      typeof answer?.uuid !== 'string' ||
      typeof answer.entityRef !== 'string' ||
      !Array.isArray(answer.teams)
    ) {
      throw unexpected();
    }
    return answer;
  }

  /** Asks which of up to {@link MAX_ASKED_PRESENCES} users and services are in the catalog. */
  async presences(uuids: string[]): Promise<string[]> {
    const answer = await this.#json<PresencesResponse>(
      await this.#send('POST', '/presences', { uuids }),
    );
    if (!Array.isArray(answer?.present)) {
      throw unexpected();
    }
    return answer.present;
  }

  /** Reports last uses of connections. */
  async reportUses(uses: ConnectionUse[]): Promise<void> {
    const response = await this.#send('POST', '/uses', { uses });
    if (!response.ok) {
      throw refused(response);
    }
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    try {
      const baseUrl = await this.#discovery.getBaseUrl('agent-auth');
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf: await this.#auth.getOwnServiceCredentials(),
        targetPluginId: 'agent-auth',
      });
      const response = await fetch(`${baseUrl}/internal${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      if (!response.ok) {
        // Frees the connection; what is said there is for the log of agent-auth.
        await response.body?.cancel();
      }
      return response;
    } catch (cause) {
      throw new ServiceUnavailableError(
        'The agent-auth plugin does not answer. Try again shortly',
        cause,
      );
    }
  }

  async #json<T>(response: Response): Promise<T> {
    if (!response.ok) {
      throw refused(response);
    }
    try {
      return await response.json();
    } catch (cause) {
      throw new ServiceUnavailableError(
        'The agent-auth plugin stopped in the middle of an answer. Try again shortly',
        cause,
      );
    }
  }
}

function refused(response: Response): ServiceUnavailableError {
  return new ServiceUnavailableError(
    `The agent-auth plugin refused to say who is calling (HTTP ${response.status}). Its log has the reason`,
  );
}

function unexpected(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The agent-auth plugin answered in an unexpected form. Check that the agent-auth packages are of the same release',
  );
}
