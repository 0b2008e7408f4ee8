import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import { registerClient } from '@modelcontextprotocol/client';
import {
  ReplaceableSecrets,
  type SealedColumn,
  type SecretBox,
} from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import type { SettingsOf } from '../settings';
import type { AuthorizationServer } from './AuthorizationServers';
import type { Fetch, OAuthClient } from './requestToken';

interface Row {
  issuer: string;
  client: string;
  expires_at: Date | null;
}

/** Where registrations are, to encrypt them anew. */
export const SEALED_REGISTRATIONS: SealedColumn<Row> = {
  table: 'client_registrations',
  column: 'client',
  primaryKey: ['issuer'],
  contextOf: ({ issuer }) => contextOf(issuer),
};

/** Where the document is served that describes the portal as a client, below the plugin's base URL. */
export const CLIENT_DOCUMENT_PATH = '/oauth/client.json';

/** Where authorization servers send users back to, below the plugin's base URL. */
export const CALLBACK_PATH = '/oauth/callback';

/**
 * Who the portal is at authorization servers: a client that an administrator
 * registered, one that its document describes (CIMD), or one that it registers
 * itself (RFC 7591), in this order.
 */
export class OAuthClients {
  readonly #database: Knex;
  readonly #box: SecretBox;
  readonly #secrets: ReplaceableSecrets;
  readonly #fetch: Fetch;
  readonly #logger: LoggerService;
  readonly #baseUrl: string;
  readonly #name: string;

  constructor(options: {
    database: Knex;
    box: SecretBox;
    fetch: Fetch;
    logger: LoggerService;
    /** External base URL of the plugin. */
    baseUrl: string;
    /** By which users know the portal. */
    name: string;
  }) {
    this.#database = options.database;
    this.#box = options.box;
    this.#secrets = new ReplaceableSecrets({
      ...options,
      what: 'registrations at authorization servers',
    });
    this.#fetch = options.fetch;
    this.#logger = options.logger;
    this.#baseUrl = options.baseUrl;
    this.#name = options.name;
  }

  /** Where users come back. */
  get redirectUri(): string {
    return `${this.#baseUrl}${CALLBACK_PATH}`;
  }

  /** The document at the client id (draft-ietf-oauth-client-id-metadata-document). */
  document(): { client_id: string; redirect_uris: string[] } {
    return {
      client_id: `${this.#baseUrl}${CLIENT_DOCUMENT_PATH}`,
      ...this.#description(),
    };
  }

  /**
   * The client as which to ask for tokens.
   *
   * @throws NotAllowedError when the authorization server knows none of the ways
   */
  async at(
    server: AuthorizationServer,
    settings: SettingsOf<'oauth'>,
  ): Promise<OAuthClient> {
    if (settings.client) {
      return settings.client;
    }
    const id = this.document().client_id;
    // The document has to be fetched from there, which nobody can from a machine's own address.
    if (
      server.metadata.client_id_metadata_document_supported === true &&
      id.startsWith('https:')
    ) {
      return { id };
    }
    return (
      (await this.#registered(server.issuer)) ?? (await this.#register(server))
    );
  }

  /** Forgets a registration that the authorization server does not know any more. */
  async forget(issuer: string): Promise<void> {
    await this.#database<Row>('client_registrations')
      .where({ issuer })
      .delete();
  }

  async #registered(issuer: string): Promise<OAuthClient | undefined> {
    const row = await this.#database<Row>('client_registrations')
      .where({ issuer })
      .first();
    if (!row || (row.expires_at && new Date(row.expires_at) < new Date())) {
      return undefined;
    }
    const opened = this.#secrets.open(row.client, contextOf(issuer));
    return opened === undefined ? undefined : JSON.parse(opened);
  }

  async #register({
    issuer,
    metadata,
  }: AuthorizationServer): Promise<OAuthClient> {
    if (!metadata.registration_endpoint) {
      throw new NotAllowedError(
        `The authorization server ${issuer} registers no clients by itself. An administrator has to register the portal there, with the redirect URI ${this.redirectUri}, and set credentials.client`,
      );
    }
    const methods = metadata.token_endpoint_auth_methods_supported;
    const isPublic = !methods || methods.includes('none');
    let registered;
    try {
      registered = await registerClient(issuer, {
        metadata,
        clientMetadata: {
          ...this.#description(),
          token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
        },
        fetchFn: this.#fetch,
      });
    } catch (error) {
      this.#logger.warn(`The portal could not register at ${issuer}: ${error}`);
      throw new ServiceUnavailableError(
        `The portal could not register at ${issuer}. An administrator can register it there, with the redirect URI ${this.redirectUri}, and set credentials.client`,
      );
    }
    const client: OAuthClient = {
      id: registered.client_id,
      secret: registered.client_secret,
      authMethod:
        registered.token_endpoint_auth_method === 'client_secret_post'
          ? 'client_secret_post'
          : undefined,
    };
    const expires = registered.client_secret_expires_at;
    const inserted = await this.#keep(
      issuer,
      client,
      expires ? new Date(expires * 1000) : null,
    );
    // Another replica was faster: all of them have to be the same client.
    return inserted ? client : (await this.#registered(issuer)) ?? client;
  }

  async #keep(
    issuer: string,
    client: OAuthClient,
    expiresAt: Date | null,
  ): Promise<boolean> {
    await this.#database<Row>('client_registrations')
      .where({ issuer })
      .andWhere('expires_at', '<', new Date())
      .delete();
    await this.#deleteUnopened(issuer);
    const sealed = this.#box.seal(JSON.stringify(client), contextOf(issuer));
    await this.#database<Row>('client_registrations')
      .insert({ issuer, client: sealed, expires_at: expiresAt })
      .onConflict('issuer')
      .ignore();
    const row = await this.#database<Row>('client_registrations')
      .where({ issuer })
      .first();
    return row?.client === sealed;
  }

  /** Only now that there is another one: its key may have come back until then. */
  async #deleteUnopened(issuer: string): Promise<void> {
    const row = await this.#database<Row>('client_registrations')
      .where({ issuer })
      .first();
    if (row && !this.#secrets.open(row.client, contextOf(issuer))) {
      await this.#database<Row>('client_registrations')
        .where({ issuer, client: row.client })
        .delete();
    }
  }

  #description() {
    return {
      client_name: this.#name,
      client_uri: new URL(this.#baseUrl).origin,
      redirect_uris: [this.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    };
  }
}

function contextOf(issuer: string): string {
  return JSON.stringify(['client registration', issuer]);
}
