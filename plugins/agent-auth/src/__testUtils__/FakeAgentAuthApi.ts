import { ResponseError } from '@backstage/errors';
import type {
  AgentAuthApi,
  Connection,
  ConnectionPage,
  ConnectionQuery,
  ConsentApproval,
  ConsentRequest,
  NewRegisteredClient,
  PersonalToken,
  PersonalTokenRequest,
  RegisteredClient,
  RegisteredClientInput,
  ResolvedPrincipal,
} from '@prompt-corner/plugin-agent-auth-common';
import { connection, consentRequest, deviceRequest } from './samples';

/** The error that the client throws when the backend answers with this status. */
export async function refusal(
  status: number,
  headers: Record<string, string> = {},
): Promise<ResponseError> {
  const body = { error: { name: 'Error', message: `refused with ${status}` } };
  return ResponseError.fromResponse(
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );
}

/** A backend in memory. Put an error into `failures` to have a method refuse. */
export class FakeAgentAuthApi implements AgentAuthApi {
  consent: ConsentRequest = consentRequest();
  device: ConsentRequest = deviceRequest();
  userCode = 'BCDF-GHJK';
  connections: Connection[] = [];
  clients: RegisteredClient[] = [];
  failures: Partial<Record<keyof AgentAuthApi, Error>> = {};
  /** What was called, with which arguments, in order. */
  calls: Array<[method: keyof AgentAuthApi, ...args: unknown[]]> = [];

  callsOf(method: keyof AgentAuthApi): unknown[][] {
    return this.calls
      .filter(([called]) => called === method)
      .map(([, ...args]) => args);
  }

  async getConsentRequest(id: string) {
    this.#record('getConsentRequest', id);
    return this.consent;
  }

  async approveConsent(id: string, approval: ConsentApproval) {
    this.#record('approveConsent', id, approval);
    return { redirectUrl: 'https://portal.example.com/resume/approved' };
  }

  async denyConsent(id: string) {
    this.#record('denyConsent', id);
    return { redirectUrl: 'https://portal.example.com/resume/denied' };
  }

  async getDeviceRequest(userCode: string) {
    this.#record('getDeviceRequest', userCode);
    if (userCode !== this.userCode) {
      throw await refusal(404);
    }
    return this.device;
  }

  async approveDevice(userCode: string, approval: ConsentApproval) {
    this.#record('approveDevice', userCode, approval);
  }

  async denyDevice(userCode: string) {
    this.#record('denyDevice', userCode);
  }

  async listConnections() {
    this.#record('listConnections');
    return [...this.connections];
  }

  async revokeConnection(id: string) {
    this.#record('revokeConnection', id);
    this.connections = this.connections.filter(kept => kept.id !== id);
  }

  async revokeAllConnections() {
    this.#record('revokeAllConnections');
    const revoked = this.connections.length;
    this.connections = [];
    return { revoked };
  }

  async getPersonalTokenOptions() {
    this.#record('getPersonalTokenOptions');
    const { resources, lifetimesSeconds, defaultLifetimeSeconds } =
      this.consent;
    return { resources, lifetimesSeconds, defaultLifetimeSeconds };
  }

  async createPersonalToken(
    request: PersonalTokenRequest,
  ): Promise<PersonalToken> {
    this.#record('createPersonalToken', request);
    const made = connection({
      name: request.name,
      grantType: 'personal_token',
    });
    this.connections.push(made);
    return { token: 'pc_secret-of-the-token', connection: made };
  }

  async listAllConnections(
    query: ConnectionQuery & { limit?: number; cursor?: string },
  ): Promise<ConnectionPage> {
    this.#record('listAllConnections', query);
    const from = Number(query.cursor ?? 0);
    const to = from + (query.limit ?? 20);
    const matching = this.connections.filter(
      ({ client }) => !query.clientId || client.id === query.clientId,
    );
    return {
      items: matching.slice(from, to),
      totalItems: matching.length,
      nextCursor: to < matching.length ? String(to) : undefined,
    };
  }

  async revokeConnections(query: ConnectionQuery & { ids?: string[] }) {
    this.#record('revokeConnections', query);
    const before = this.connections.length;
    this.connections = this.connections.filter(({ id, client }) =>
      query.ids ? !query.ids.includes(id) : client.id !== query.clientId,
    );
    return { revoked: before - this.connections.length };
  }

  async resolvePrincipals(uuids: string[]): Promise<ResolvedPrincipal[]> {
    this.#record('resolvePrincipals', uuids);
    return uuids.map(uuid => ({
      uuid,
      kind: 'user',
      entityRef: 'user:default/ada',
    }));
  }

  async listClients() {
    this.#record('listClients');
    return [...this.clients];
  }

  async createClient(
    input: RegisteredClientInput,
  ): Promise<NewRegisteredClient> {
    this.#record('createClient', input);
    const client = { ...input, fromConfig: false };
    this.clients.push(client);
    return { client, secret: input.confidential ? 'client-secret' : undefined };
  }

  async deleteClient(id: string) {
    this.#record('deleteClient', id);
    this.clients = this.clients.filter(kept => kept.id !== id);
  }

  #record(method: keyof AgentAuthApi, ...args: unknown[]) {
    this.calls.push([method, ...args]);
    const failure = this.failures[method];
    if (failure) {
      throw failure;
    }
  }
}
