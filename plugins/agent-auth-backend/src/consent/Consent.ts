import type {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type {
  ConsentApproval,
  ConsentRequest,
  ConsentWarning,
  GrantType,
} from '@prompt-corner/plugin-agent-auth-common';
import type { AgentClaims } from '@prompt-corner/plugin-agent-auth-node';
import type { AuthorizationServer } from '../authorizationServer/AuthorizationServer';
import type { BackstageSessions } from '../backstageSessions/BackstageSessions';
import type { ClientRegistry } from '../clients/ClientRegistry';
import type { Connections, StoredConnection } from '../connections';
import type { IdentityClaims } from '../identityProvider/IdentityClaims';
import type { OAuthRecords } from '../records/OAuthRecords';
import type { Resident, Residents } from '../residents/Residents';
import type { AgentResources } from '../resources/AgentResources';
import { answerOnce } from './answerOnce';
import {
  AuthorizationRequest,
  describeRedirect,
  toDecision,
} from './AuthorizationRequest';
import { checkedLimits } from './checkedLimits';
import { Lifetimes } from './Lifetimes';

/** A user who decides, as the browser's session says. */
export interface Approver {
  credentials: BackstageCredentials<BackstageUserPrincipal>;
  /** User agent of the browser. */
  userAgent?: string;
}

/** What came of an approval. */
export interface Approved {
  connection: StoredConnection;
  claims: AgentClaims;
}

/** Shows users what a client asks for, and turns what they approve into a connection. */
export class Consent {
  readonly #server: AuthorizationServer;
  readonly #clients: ClientRegistry;
  readonly #connections: Connections;
  readonly #resources: AgentResources;
  readonly #residents: Residents;
  readonly #sessions: BackstageSessions;
  readonly #identity: IdentityClaims;
  readonly #lifetimes: Lifetimes;
  readonly #records: OAuthRecords;

  constructor(options: {
    server: AuthorizationServer;
    clients: ClientRegistry;
    connections: Connections;
    resources: AgentResources;
    residents: Residents;
    sessions: BackstageSessions;
    identity: IdentityClaims;
    lifetimes: Lifetimes;
    records: OAuthRecords;
  }) {
    this.#server = options.server;
    this.#clients = options.clients;
    this.#connections = options.connections;
    this.#resources = options.resources;
    this.#residents = options.residents;
    this.#sessions = options.sessions;
    this.#identity = options.identity;
    this.#lifetimes = options.lifetimes;
    this.#records = options.records;
  }

  /**
   * Answers a request with no.
   *
   * @param answer - tells it the client
   * @throws ConflictError when it has been answered
   */
  async deny<T>(
    request: AuthorizationRequest,
    answer: () => Promise<T>,
  ): Promise<T> {
    return answerOnce(this.#records, request.id, answer);
  }

  /** What to show to a user. */
  async describe(
    request: AuthorizationRequest,
    approver: Approver,
  ): Promise<ConsentRequest> {
    const client = await this.#clients.describe(request.clientId);
    const resident = await this.#residentOf(approver);
    const resources = this.#asked(request);
    const redirect = request.redirectUri
      ? describeRedirect(request.redirectUri)
      : undefined;
    const warnings: ConsentWarning[] = [
      ...(redirect?.loopback ? (['loopback-redirect'] as const) : []),
      ...(client.origin === 'dynamic' ? (['unknown-client'] as const) : []),
      ...(request.device ? (['device'] as const) : []),
    ];
    const latest = await this.#connections.store.latestOf(
      resident.uuid,
      request.clientId,
    );
    return {
      client,
      redirect,
      device: request.device,
      resources,
      warnings,
      ...this.#lifetimes.choices(),
      remembered: latest && toDecision(latest, resources, this.#resources),
      identityProvider: this.#identity.authProvider,
      expiresAt: request.expiresAt.toISOString(),
    };
  }

  /**
   * Grants what a user approved.
   *
   * @returns what the client was told
   * @throws InputError when it is nothing, or more than what was asked for
   * @throws ConflictError when the request has been answered
   */
  async approve<T>(
    request: AuthorizationRequest,
    approval: ConsentApproval,
    approver: Approver,
    options: {
      grantType: GrantType;
      /** Tells it the client. */
      answer: (approved: Approved) => Promise<T>;
    },
  ): Promise<T> {
    const client = await this.#clients.describe(request.clientId);
    const resident = await this.#residentOf(approver);
    const asked = this.#asked(request);
    const resources = approval.resources
      .filter(({ scopes }) => scopes.length)
      .map(({ audience, scopes }) => {
        const resource = asked.find(
          candidate => candidate.audience === audience,
        );
        const beyond = scopes.filter(
          scope => !resource?.scopes.some(({ name }) => name === scope),
        );
        if (!resource || beyond.length) {
          throw new InputError(
            `The client did not ask for ${
              beyond.join(', ') || 'anything'
            } at ${audience}`,
          );
        }
        return {
          audience: this.#resources.find(audience)!.audience,
          kind: resource.kind,
          portal: resource.portal,
          scopes,
        };
      });
    if (!resources.length) {
      throw new InputError(
        'Nothing is selected. Choose what the client may do, or deny the request',
      );
    }
    const limits = checkedLimits(approval.limits, asked);
    const lifetimeSeconds = this.#lifetimes.checked(approval.lifetimeSeconds);
    const claims = await this.#identity.verify(
      approval.idToken,
      resident.entityRef,
    );
    await this.#sessions.establish(resident.uuid, approver.credentials);
    return answerOnce(this.#records, request.id, async () => {
      if (client.origin === 'dynamic') {
        await this.#records.keepClient(client.id);
      }
      const connection = await this.#connections.create({
        name: (approval.name?.trim() || client.name).slice(0, 100),
        principal: resident.uuid,
        client: { id: client.id, name: client.name, origin: client.origin },
        grantType: options.grantType,
        resources,
        limits,
        claims,
        device: request.device?.userAgent ?? approver.userAgent,
        lifetimeSeconds,
      });
      try {
        await this.#server.grant(connection, {
          // The client names resources in its own way, which the library takes by the letter.
          aliases: Object.fromEntries(
            approval.resources.map(({ audience }) => [
              this.#resources.find(audience)!.audience,
              audience,
            ]),
          ),
          openidScope: (request.scope ?? '')
            .split(' ')
            .filter(scope => scope === 'openid' || scope === 'offline_access')
            .join(' '),
        });
        return await options.answer({ connection, claims });
      } catch (error) {
        await this.#connections.revoke(
          { ids: [connection.id] },
          'the client could not be told',
        );
        throw error;
      }
    });
  }

  /** UUID of the user who decides. */
  async uuidOf(credentials: Approver['credentials']): Promise<string> {
    return (await this.#residentOf({ credentials })).uuid;
  }

  async #residentOf({ credentials }: Approver): Promise<Resident> {
    const { userEntityRef } = credentials.principal;
    const resident = await this.#residents.admit('user', userEntityRef);
    if (!resident) {
      throw new NotFoundError(
        `The catalog has no entity ${userEntityRef}, so nothing can act for this user`,
      );
    }
    return resident;
  }

  #asked(request: AuthorizationRequest): ConsentRequest['resources'] {
    const scopes = (request.scope ?? '').split(' ');
    const indicators = [request.resource ?? []].flat();
    return indicators.map(audience => {
      const resource = this.#resources.find(audience);
      if (!resource) {
        throw new NotFoundError(`There is no resource ${audience} any more`);
      }
      const { kind, title, limits } = resource.type;
      return {
        audience,
        kind,
        title: resource.portal ? `${title} "${resource.portal}"` : title,
        portal: resource.portal,
        scopes: resource.type.scopes
          .filter(({ name }) => scopes.includes(name))
          .map(scope => ({
            ...scope,
            // Nobody asked for it by name, so what changes things is not selected beforehand.
            requested: !(request.scopeDefaulted && scope.write),
          })),
        limits: [...limits],
      };
    });
  }
}
