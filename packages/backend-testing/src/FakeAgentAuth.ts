import { NotAllowedError } from '@backstage/errors';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import {
  AgentAuthenticationError,
  agentAuthServiceRef,
  AgentPrincipal,
  AgentUser,
} from '@prompt-corner/plugin-agent-auth-node';

/** An agent of the tests, which acts for Linus, with these changes. */
export function someAgent(
  changes: Partial<AgentPrincipal> = {},
): AgentPrincipal {
  return {
    kind: 'user',
    entityRef: 'user:default/linus',
    uuid: '5f1c0c5e-0000-4000-8000-000000000001',
    teams: [],
    systems: [],
    domains: [],
    client: { id: 'https://client.example/id', name: 'Client' },
    connectionId: '5f1c0c5e-0000-4000-8000-000000000002',
    grantType: 'authorization_code',
    resource: { kind: 'catalog', audience: '' },
    scopes: new Set(['catalog:read']),
    limits: {},
    claims: {},
    network: { address: '192.0.2.1', names: [], device: {} },
    backstageCredentials: async () =>
      mockCredentials.user('user:default/linus'),
    ...changes,
  };
}

/** Knows the agents of the tokens that a test has given out, and nobody else. */
export class FakeAgentAuth {
  readonly #agents = new Map<string, AgentPrincipal | Error>();
  readonly #users = new Map<string, AgentUser>();

  /** @param agent - who has the token, or what asking for it fails with */
  giveToken(token: string, agent: AgentPrincipal | Error): void {
    this.#agents.set(token, agent);
  }

  /** Makes somebody known who is signed in in Backstage. */
  addUser(user: AgentUser): void {
    this.#users.set(user.entityRef, user);
  }

  /** As if the user had left the catalog. */
  removeUser(entityRef: string): void {
    this.#users.delete(entityRef);
  }

  readonly feature = createServiceFactory({
    service: agentAuthServiceRef,
    deps: { discovery: coreServices.discovery },
    factory: ({ discovery }) => ({
      authenticate: async (request, { tokenHeaders = [] }) => {
        const [, bearer] =
          /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
        const [token] = [
          bearer,
          ...tokenHeaders
            .filter(header => header !== 'authorization')
            .map(header => request.headers[header] as string | undefined),
        ].filter(found => found !== undefined);
        if (token === undefined) {
          throw new AgentAuthenticationError('missing_token', 'Sign in');
        }
        const agent =
          this.#agents.get(token) ??
          new AgentAuthenticationError('invalid_token', 'Sign in again');
        if (agent instanceof Error) {
          throw agent;
        }
        return agent;
      },
      issuer: () => discovery.getExternalBaseUrl('agent-auth'),
      userOf: async entityRef => {
        const user = this.#users.get(entityRef);
        if (!user) {
          throw new NotAllowedError('You are not in the catalog any more');
        }
        return user;
      },
      recipientOf: async uuid =>
        [...this.#users.values()].find(user => user.uuid === uuid)?.entityRef,
      presentOf: async uuids => {
        const users = [...this.#users.values()].map(({ uuid }) => uuid);
        return new Set(uuids.filter(uuid => users.includes(uuid)));
      },
    }),
  });
}
