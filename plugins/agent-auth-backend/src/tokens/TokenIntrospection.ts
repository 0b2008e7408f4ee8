import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type {
  IntrospectionResponse,
  TokenFacts,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Knex } from 'knex';
import type { AdapterPayload } from 'oidc-provider';
import type { ConnectionStore, StoredConnection } from '../connections';
import { ACCESS_TOKEN_MODELS } from '../records/OAuthRecords';
import type { Residents } from '../residents/Residents';
import type { Revocations } from '../revocations/Revocations';

/** Tells other plugins what access tokens stand for. */
export class TokenIntrospection {
  readonly #database: Knex;
  readonly #connections: ConnectionStore;
  readonly #residents: Residents;
  readonly #revocations: Revocations;
  readonly #logger: LoggerService;

  constructor(options: {
    database: Knex;
    connections: ConnectionStore;
    residents: Residents;
    revocations: Revocations;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#connections = options.connections;
    this.#residents = options.residents;
    this.#revocations = options.revocations;
    this.#logger = options.logger;
  }

  /** @param hashes - SHA-256 of tokens, hex */
  async introspect(hashes: string[]): Promise<IntrospectionResponse> {
    // First, so that no revocation falls between the two and is never told.
    const last = await this.#revocations.last();
    const rows = await this.#database('oauth_records')
      .whereIn('model', ACCESS_TOKEN_MODELS)
      .whereIn('id_hash', hashes)
      .select<Array<{ id_hash: string; payload: string }>>(
        'id_hash',
        'payload',
      );
    const tokens = new Map(
      rows.map(row => [
        row.id_hash,
        JSON.parse(row.payload) as AdapterPayload & {
          extra?: { connection?: string };
        },
      ]),
    );
    const connections = new Map(
      (
        await this.#connections.getMany(
          [...tokens.values()].map(connectionIdOf),
        )
      ).map(connection => [connection.id, connection]),
    );
    await this.#residents.prefetch(
      [...connections.values()].map(({ principal }) => principal),
    );
    const items = await Promise.all(
      hashes.map(async hash => {
        const token = tokens.get(hash);
        const connection = token && connections.get(connectionIdOf(token));
        if (!connection) {
          return null;
        }
        // One user who cannot be looked up refuses nobody else.
        return this.#factsOf(hash, token, connection).catch(error => {
          this.#logger.warn(
            `Could not look up the user of a connection: ${stringifyError(
              error,
            )}`,
          );
          return { unavailable: true as const };
        });
      }),
    );
    return { items, last };
  }

  async #factsOf(
    hash: string,
    token: AdapterPayload,
    connection: StoredConnection,
  ): Promise<TokenFacts | null> {
    const expiresAt = Math.min(
      (token.exp ?? 0) * 1000,
      Date.parse(connection.expiresAt),
    );
    if (connection.revokedAt || expiresAt <= Date.now()) {
      return null;
    }
    const resource = connection.resources.find(
      ({ audience }) => audience === token.aud,
    );
    const resident = await this.#residents.find(connection.principal);
    if (!resource || !resident) {
      return null;
    }
    return {
      connectionId: connection.id,
      hash,
      principal: resident,
      client: { id: connection.client.id, name: connection.client.name },
      grantType: connection.grantType,
      resource: {
        kind: resource.kind,
        audience: resource.audience,
        portal: resource.portal,
      },
      // Of the token, and of those only what the connection still has.
      scopes: String(token.scope ?? '')
        .split(' ')
        .filter(scope => resource.scopes.includes(scope)),
      limits: connection.limits,
      claims: connection.claims,
      expiresAt,
      jkt: token.jkt as string | undefined,
    };
  }
}

/** Tokens of users belong to a grant, which has its connection's id; those of services say it themselves. */
function connectionIdOf(
  token: AdapterPayload & { extra?: { connection?: string } },
): string {
  return token.grantId ?? token.extra?.connection ?? '';
}
