import { ResponseError } from '@backstage/errors';
import type {
  RegisteredClient,
  RegisteredClientInput,
  NewRegisteredClient,
} from './clients';
import type {
  Connection,
  ConnectionPage,
  ConnectionQuery,
  PersonalToken,
  PersonalTokenRequest,
} from './connections';
import type {
  ConsentApproval,
  ConsentRequest,
  ConsentResource,
} from './consent';
import type { ResolvedPrincipal } from './principals';

/** What the pages ask the backend. @public */
export interface AgentAuthApi {
  /** What an authorization request asks for. Only in the browser in which it started. */
  getConsentRequest(interactionId: string): Promise<ConsentRequest>;
  /** @returns where the browser has to go next */
  approveConsent(
    interactionId: string,
    approval: ConsentApproval,
  ): Promise<{ redirectUrl: string }>;
  /** @returns where the browser has to go next */
  denyConsent(interactionId: string): Promise<{ redirectUrl: string }>;

  /** What a device that shows this code asks for. Too many wrong codes lock the user out for a while. */
  getDeviceRequest(userCode: string): Promise<ConsentRequest>;
  approveDevice(userCode: string, approval: ConsentApproval): Promise<void>;
  denyDevice(userCode: string): Promise<void>;

  /** The signed-in user's connections that are neither expired nor revoked. */
  listConnections(): Promise<Connection[]>;
  revokeConnection(id: string): Promise<void>;
  /** @returns how many were revoked */
  revokeAllConnections(): Promise<{ revoked: number }>;

  /** Resources for which a personal token can be made, and the lifetimes to choose from. */
  getPersonalTokenOptions(): Promise<{
    resources: ConsentResource[];
    lifetimesSeconds: number[];
    defaultLifetimeSeconds: number;
  }>;
  createPersonalToken(request: PersonalTokenRequest): Promise<PersonalToken>;

  /** Needs `agent-auth.connections.read`. */
  listAllConnections(
    query: ConnectionQuery & { limit?: number; cursor?: string },
  ): Promise<ConnectionPage>;
  /** Needs `agent-auth.connections.revoke`. At least one condition has to be given. */
  revokeConnections(
    query: ConnectionQuery & { ids?: string[] },
  ): Promise<{ revoked: number }>;
  /** Needs `agent-auth.principals.resolve`. Unknown UUIDs are left out. */
  resolvePrincipals(uuids: string[]): Promise<ResolvedPrincipal[]>;

  /** These need `agent-auth.clients.manage`. */
  listClients(): Promise<RegisteredClient[]>;
  createClient(client: RegisteredClientInput): Promise<NewRegisteredClient>;
  deleteClient(id: string): Promise<void>;
}

/**
 * Calls the agent-auth backend.
 *
 * All methods throw a `ResponseError` when the backend refuses.
 *
 * @public
 */
export class AgentAuthClient implements AgentAuthApi {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  getConsentRequest(interactionId: string): Promise<ConsentRequest> {
    return this.#call('GET', path`/interactions/${interactionId}/consent`);
  }

  approveConsent(
    interactionId: string,
    approval: ConsentApproval,
  ): Promise<{ redirectUrl: string }> {
    return this.#call(
      'POST',
      path`/interactions/${interactionId}/approve`,
      approval,
    );
  }

  denyConsent(interactionId: string): Promise<{ redirectUrl: string }> {
    return this.#call('POST', path`/interactions/${interactionId}/deny`, {});
  }

  getDeviceRequest(userCode: string): Promise<ConsentRequest> {
    return this.#call('POST', '/device-codes/lookup', { userCode });
  }

  approveDevice(userCode: string, approval: ConsentApproval): Promise<void> {
    return this.#call('POST', '/device-codes/approve', {
      ...approval,
      userCode,
    });
  }

  denyDevice(userCode: string): Promise<void> {
    return this.#call('POST', '/device-codes/deny', { userCode });
  }

  async listConnections(): Promise<Connection[]> {
    const { items } = await this.#call<{ items: Connection[] }>(
      'GET',
      '/connections',
    );
    return items;
  }

  revokeConnection(id: string): Promise<void> {
    return this.#call('DELETE', path`/connections/${id}`);
  }

  revokeAllConnections(): Promise<{ revoked: number }> {
    return this.#call('DELETE', '/connections');
  }

  getPersonalTokenOptions(): Promise<{
    resources: ConsentResource[];
    lifetimesSeconds: number[];
    defaultLifetimeSeconds: number;
  }> {
    return this.#call('GET', '/personal-tokens/options');
  }

  createPersonalToken(request: PersonalTokenRequest): Promise<PersonalToken> {
    return this.#call('POST', '/personal-tokens', request);
  }

  listAllConnections(
    query: ConnectionQuery & { limit?: number; cursor?: string },
  ): Promise<ConnectionPage> {
    const parameters = new URLSearchParams(
      Object.entries(query)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, String(value)]),
    );
    return this.#call('GET', `/admin/connections?${parameters}`);
  }

  revokeConnections(
    query: ConnectionQuery & { ids?: string[] },
  ): Promise<{ revoked: number }> {
    return this.#call('POST', '/admin/connections/revoke', query);
  }

  async resolvePrincipals(uuids: string[]): Promise<ResolvedPrincipal[]> {
    const { items } = await this.#call<{ items: ResolvedPrincipal[] }>(
      'POST',
      '/admin/principals/resolve',
      { uuids },
    );
    return items;
  }

  async listClients(): Promise<RegisteredClient[]> {
    const { items } = await this.#call<{ items: RegisteredClient[] }>(
      'GET',
      '/admin/clients',
    );
    return items;
  }

  createClient(client: RegisteredClientInput): Promise<NewRegisteredClient> {
    return this.#call('POST', '/admin/clients', client);
  }

  deleteClient(id: string): Promise<void> {
    return this.#call('DELETE', path`/admin/clients/${id}`);
  }

  async #call<T>(method: string, url: string, body?: unknown): Promise<T> {
    const baseUrl = await this.#discoveryApi.getBaseUrl('agent-auth');
    const response = await this.#fetchApi.fetch(`${baseUrl}${url}`, {
      method,
      // The browser that started an authorization request proves it with a cookie.
      credentials: 'include',
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.status === 204 ? (undefined as T) : response.json();
  }
}

function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts
    .map((part, index) =>
      index < values.length ? part + encodeURIComponent(values[index]) : part,
    )
    .join('');
}
