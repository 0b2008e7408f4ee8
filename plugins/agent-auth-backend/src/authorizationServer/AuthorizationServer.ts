import type { RequestHandler } from 'express';
import type { Provider } from 'oidc-provider';
import type { StoredConnection } from '../connections';
import type { KeySet, ServerKeys } from '../keys/ServerKeys';
import { asExternalRequest } from './asExternalRequest';

const notStarted = () =>
  new Error('The authorization server has not started yet');

/**
 * The running authorization server. Its keys are part of the provider, so a
 * new provider takes over when they change; all state is in the database.
 */
export class AuthorizationServer {
  readonly #issuer: string;
  readonly #keys: ServerKeys;
  #create?: (keys: KeySet) => Provider;
  #keySet?: string;
  #provider?: Provider;
  #handle?: RequestHandler;

  constructor(options: { issuer: string; keys: ServerKeys }) {
    this.#issuer = options.issuer;
    this.#keys = options.keys;
  }

  /** @param create - makes a provider for a set of keys */
  async start(create: (keys: KeySet) => Provider): Promise<void> {
    this.#create = create;
    await this.reload();
  }

  /**
   * Takes over the keys of now. Requests under way end with the old ones.
   *
   * @throws Error before the {@link start}
   */
  async reload(): Promise<void> {
    if (!this.#create) {
      throw notStarted();
    }
    const keys = await this.#keys.current();
    const keySet = JSON.stringify(keys);
    if (keySet === this.#keySet) {
      return;
    }
    const provider = this.#create(keys);
    this.#handle = provider.callback() as unknown as RequestHandler;
    this.#provider = provider;
    this.#keySet = keySet;
  }

  /** @throws Error before the {@link start} */
  get provider(): Provider {
    if (!this.#provider) {
      throw notStarted();
    }
    return this.#provider;
  }

  /** Serves the OAuth endpoints. */
  handler(): RequestHandler {
    return (request, response, next) => {
      asExternalRequest(request, this.#issuer);
      this.#handle!(request, response, next);
    };
  }

  /**
   * Writes down for the library what a connection may do.
   *
   * @param options.aliases - for audiences, how the client names the resource
   * @param options.openidScope - scopes that belong to no resource
   */
  async grant(
    connection: StoredConnection,
    options: { aliases?: Record<string, string>; openidScope?: string } = {},
  ): Promise<void> {
    const grant = new this.provider.Grant({
      accountId: connection.principal,
      clientId: connection.client.id,
      // One id for both, so that revoking one revokes the other.
      jti: connection.id,
      expiresIn: secondsUntil(connection.expiresAt),
    } as ConstructorParameters<Provider['Grant']>[0]);
    for (const { audience, scopes } of connection.resources) {
      grant.addResourceScope(
        options.aliases?.[audience] ?? audience,
        scopes.join(' '),
      );
    }
    if (options.openidScope) {
      grant.addOIDCScope(options.openidScope);
    }
    await grant.save();
  }
}

/** Whole seconds until a time, at least one. */
export function secondsUntil(time: string): number {
  return Math.max(1, Math.floor((Date.parse(time) - Date.now()) / 1000));
}
