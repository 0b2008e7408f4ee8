import type {
  AccessToken,
  Account,
  Adapter,
  Client,
  ClientCredentials,
  KoaContextWithOIDC,
  ResourceServer,
  UnknownObject,
} from 'oidc-provider';
import { errors } from 'oidc-provider';
import { LOGIN_CLIENT_ID } from '../clients/builtInClients';
import type { ClientRegistry } from '../clients/ClientRegistry';
import { readRegistration } from '../clients/readRegistration';
import type { Connections } from '../connections';
import type { OAuthRecords } from '../records/OAuthRecords';
import type { AgentResources } from '../resources/AgentResources';
import type { Residents } from '../residents/Residents';
import { toClientError } from './clientErrors';

/** Parameter that the policy adds to a request when the client named no scope. */
export const SCOPE_DEFAULTED = 'scope_defaulted';

/**
 * Clients whose users cannot be asked again every hour, because the tool keeps
 * the token that a command printed until it fails. A day is what a sign-in lasts.
 */
const LOGIN_TOKEN_SECONDS = 24 * 60 * 60;

type TokenRequest = KoaContextWithOIDC;

/** What the authorization server asks the rest of the plugin. */
export class AuthorizationPolicy {
  readonly acceptsClientDocuments: boolean;
  readonly #clients: ClientRegistry;
  readonly #connections: Connections;
  readonly #records: OAuthRecords;
  readonly #resources: AgentResources;
  readonly #residents: Residents;
  readonly #accessTokenSeconds: number;

  constructor(options: {
    acceptsClientDocuments: boolean;
    clients: ClientRegistry;
    connections: Connections;
    records: OAuthRecords;
    resources: AgentResources;
    residents: Residents;
    accessTokenSeconds: number;
  }) {
    this.acceptsClientDocuments = options.acceptsClientDocuments;
    this.#clients = options.clients;
    this.#connections = options.connections;
    this.#records = options.records;
    this.#resources = options.resources;
    this.#residents = options.residents;
    this.#accessTokenSeconds = options.accessTokenSeconds;
  }

  /** Finds clients wherever they are described, and keeps those that register themselves. */
  clientAdapter(): Adapter {
    return {
      ...this.#records.adapterOf('Client'),
      find: async id => {
        try {
          return await this.#clients.findMetadata(id);
        } catch (error) {
          throw toClientError(error);
        }
      },
      upsert: (id, metadata) =>
        this.#records
          .adapterOf('Client')
          .upsert(id, readRegistration(metadata)),
    };
  }

  /** What a token is for when the client does not say so. */
  async defaultResource(
    context: TokenRequest,
    client: Client | undefined,
    oneOf?: readonly string[],
  ): Promise<string> {
    if (oneOf?.length) {
      const grant = context.oidc.entities.Grant;
      return (
        oneOf.find(resource => grant?.getResourceScope(resource)) ?? oneOf[0]
      );
    }
    const scopes = String(context.oidc.params?.scope ?? '').split(' ');
    const resource =
      this.#resources.ofScopes(scopes) ??
      (client?.clientId === LOGIN_CLIENT_ID
        ? this.#resources.of('proxy')
        : undefined);
    if (!resource) {
      throw new errors.InvalidTarget(
        'Say with the parameter "resource" what the token is for (RFC 8707)',
      );
    }
    return resource.audience;
  }

  /**
   * The resource that a request names, with the scopes that exist there. When
   * the request names none of them, the user is shown all.
   */
  async resourceServer(
    context: TokenRequest,
    indicator: string,
    client: Client,
  ): Promise<ResourceServer> {
    const resource = this.#resources.find(indicator);
    if (!resource) {
      throw new errors.InvalidTarget(`There is no resource ${indicator} here`);
    }
    const scopes = resource.type.scopes.map(({ name }) => name);
    const { params, route } = context.oidc;
    if (
      params &&
      [
        'authorization',
        'device_authorization',
        'pushed_authorization_request',
      ].includes(route)
    ) {
      const requested = String(params.scope ?? '')
        .split(' ')
        .filter(Boolean);
      if (!requested.some(scope => scopes.includes(scope))) {
        params.scope = [...requested, ...scopes].join(' ');
        params[SCOPE_DEFAULTED] = 'true';
      }
    }
    const isService = params?.grant_type === 'client_credentials';
    const allowed = isService
      ? await this.#serviceScopes(client.clientId, resource.audience)
      : scopes;
    if (isService && !params.scope) {
      params.scope = allowed.join(' ');
    }
    return {
      audience: resource.audience,
      scope: allowed.join(' '),
      accessTokenFormat: 'opaque',
      accessTokenTTL: Math.min(
        client.clientId === LOGIN_CLIENT_ID
          ? LOGIN_TOKEN_SECONDS
          : this.#accessTokenSeconds,
        this.remainingGrantSeconds(context),
      ),
    };
  }

  /** Somebody who may still sign in. Whoever has left loses everything here. */
  async findAccount(uuid: string): Promise<Account | undefined> {
    const resident = await this.#residents.find(uuid);
    return resident && { accountId: uuid, claims: () => ({ sub: uuid }) };
  }

  accessTokenSeconds(
    _context: TokenRequest,
    token: AccessToken | ClientCredentials,
  ): number {
    return token.resourceServer?.accessTokenTTL ?? this.#accessTokenSeconds;
  }

  /** How long the connection of a token request still lasts; without one, as long as you like. */
  remainingGrantSeconds(context: TokenRequest): number {
    const expiresAt = context.oidc.entities.Grant?.exp;
    return expiresAt === undefined
      ? Number.MAX_SAFE_INTEGER
      : Math.max(1, expiresAt - Math.floor(Date.now() / 1000));
  }

  /**
   * Ties the token of a service to a connection; those of users are tied by
   * their grant.
   *
   * @throws InvalidClient when the service's entity has left the catalog, or
   *   cannot be a service
   */
  async extraTokenClaims(
    context: TokenRequest,
    token: AccessToken | ClientCredentials,
  ): Promise<UnknownObject | undefined> {
    if (token.kind !== 'ClientCredentials') {
      return undefined;
    }
    const client = await this.#clients.findRegistered(token.clientId!);
    const resident =
      client?.entityRef &&
      (await this.#residents.admit('service', client.entityRef).catch(error => {
        throw toClientError(error);
      }));
    const resource = this.#resources.find(String(token.aud));
    if (!client || !resident || !resource) {
      throw new errors.InvalidClient(
        'the entity of this service is not in the catalog',
      );
    }
    const connection = await this.#connections.createOrExtend({
      name: client.name,
      principal: resident.uuid,
      client: { id: client.id, name: client.name, origin: 'registered' },
      grantType: 'client_credentials',
      resources: [
        {
          audience: resource.audience,
          kind: resource.type.kind,
          portal: resource.portal,
          scopes: (token.scope ?? '').split(' ').filter(Boolean),
        },
      ],
      limits: {},
      claims: {},
      device: context.get('user-agent'),
      lifetimeSeconds: token.expiration,
    });
    return { connection: connection.id };
  }

  /** Only who obtained a token may revoke it (RFC 7009, section 2.1). */
  mayRevoke(client: Client, token: { clientId?: string }): boolean {
    return token.clientId === client.clientId;
  }

  async #serviceScopes(clientId: string, audience: string): Promise<string[]> {
    const client = await this.#clients.findRegistered(clientId);
    const granted = client?.serviceResources?.find(
      resource =>
        this.#resources.named(resource.audience)?.audience === audience,
    );
    if (!granted) {
      throw new errors.InvalidTarget(
        `This client has no access to ${audience}`,
      );
    }
    return granted.scopes;
  }
}
