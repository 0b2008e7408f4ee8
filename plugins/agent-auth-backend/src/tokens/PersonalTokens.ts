import type {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type {
  ConsentResource,
  PersonalToken,
  PersonalTokenRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import type { BackstageSessions } from '../backstageSessions/BackstageSessions';
import { PERSONAL_TOKEN_CLIENT_ID } from '../clients/builtInClients';
import { Connections, StoredConnection } from '../connections';
import { checkedLimits } from '../consent/checkedLimits';
import type { Lifetimes } from '../consent/Lifetimes';
import type { Residents } from '../residents/Residents';
import type { AgentResources } from '../resources/AgentResources';
import { AccessTokens } from './AccessTokens';

/** Tokens that users make on the page, for clients that know nothing better. */
export class PersonalTokens {
  readonly #tokens: AccessTokens;
  readonly #connections: Connections;
  readonly #resources: AgentResources;
  readonly #residents: Residents;
  readonly #sessions: BackstageSessions;
  readonly #lifetimes: Lifetimes;

  constructor(options: {
    tokens: AccessTokens;
    connections: Connections;
    resources: AgentResources;
    residents: Residents;
    sessions: BackstageSessions;
    lifetimes: Lifetimes;
  }) {
    this.#tokens = options.tokens;
    this.#connections = options.connections;
    this.#resources = options.resources;
    this.#residents = options.residents;
    this.#sessions = options.sessions;
    this.#lifetimes = options.lifetimes;
  }

  /** What a token can be made for. */
  options(): {
    resources: ConsentResource[];
    lifetimesSeconds: number[];
    defaultLifetimeSeconds: number;
  } {
    return {
      resources: this.#resources.list().map(({ type, audience, portal }) => ({
        audience,
        kind: type.kind,
        title: type.title,
        portal,
        scopes: type.scopes.map(scope => ({
          ...scope,
          requested: !scope.write,
        })),
        limits: [...type.limits],
      })),
      ...this.#lifetimes.choices(),
    };
  }

  /**
   * Makes a token.
   *
   * @throws InputError when the request makes no sense
   */
  async create(
    request: PersonalTokenRequest,
    credentials: BackstageCredentials<BackstageUserPrincipal>,
    userAgent: string | undefined,
  ): Promise<PersonalToken & { connection: StoredConnection }> {
    const resource = this.#resources.find(request.audience);
    if (!resource) {
      throw new InputError(`There is no resource ${request.audience}`);
    }
    const known = resource.type.scopes.map(({ name }) => name);
    const wrong = request.scopes.filter(scope => !known.includes(scope));
    if (wrong.length || !request.scopes.length) {
      throw new InputError(
        `Choose among the scopes ${known.join(', ')}${
          wrong.length ? `; "${wrong.join(', ')}" is none of them` : ''
        }`,
      );
    }
    const name = request.name.trim().slice(0, 100);
    if (!name) {
      throw new InputError('Give the token a name, so that you find it again');
    }
    const { userEntityRef } = credentials.principal;
    const resident = await this.#residents.admit('user', userEntityRef);
    if (!resident) {
      throw new NotFoundError(`The catalog has no entity ${userEntityRef}`);
    }
    await this.#sessions.establish(resident.uuid, credentials);
    const connection = await this.#connections.create({
      name,
      principal: resident.uuid,
      client: {
        id: PERSONAL_TOKEN_CLIENT_ID,
        name: 'Personal token',
        origin: 'registered',
      },
      grantType: 'personal_token',
      resources: [
        {
          audience: resource.audience,
          kind: resource.type.kind,
          portal: resource.portal,
          scopes: request.scopes,
        },
      ],
      limits: checkedLimits(
        request.limits,
        [resource.type].map(type => ({ limits: [...type.limits] })),
      ),
      claims: {},
      device: userAgent,
      lifetimeSeconds: this.#lifetimes.checked(request.lifetimeSeconds),
    });
    const { value } = await this.#tokens.issue(connection);
    return { token: value, connection };
  }
}
