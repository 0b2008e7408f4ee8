import { randomBytes } from 'node:crypto';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type {
  ConsentClient,
  NewRegisteredClient,
  RegisteredClient,
  RegisteredClientInput,
} from '@prompt-corner/plugin-agent-auth-common';
import type { Knex } from 'knex';
import type { Adapter, ClientMetadata } from 'oidc-provider';
import type { ConfiguredClient } from '../config';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';
import type { AgentResources } from '../resources/AgentResources';
import { checkServiceResources } from './checkService';
import { MAX_CLIENT_NAME_LENGTH, nameOfHost } from './clientName';
import type { ClientDocuments } from './documents';
import { fixedClients, KnownClient } from './fixedClients';
import { toClientMetadata } from './toClientMetadata';

interface Row {
  id: string;
  client: string;
  secret_hash: string | null;
  created_at: Date;
  created_by: string;
}

/** No client has an id with one, and PostgreSQL fails at NUL. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * All clients that may ask users for access, wherever they are described: in
 * the product, in the configuration, on the page, in a document at their id's
 * URL, or by their own registration.
 */
export class ClientRegistry {
  readonly #database: Knex;
  readonly #fixed: Map<string, KnownClient>;
  readonly #resources: AgentResources;
  readonly #documents?: ClientDocuments;
  readonly #registrations: Adapter;

  /** @throws InputError when a configured client cannot work */
  constructor(options: {
    database: Knex;
    configured: ConfiguredClient[];
    resources: AgentResources;
    /** Undefined when clients may not describe themselves by documents. */
    documents?: ClientDocuments;
    /** Where clients that registered themselves are kept. */
    registrations: Adapter;
  }) {
    this.#database = options.database;
    this.#resources = options.resources;
    this.#documents = options.documents;
    this.#registrations = options.registrations;
    this.#fixed = fixedClients(options.configured, options.resources);
  }

  /**
   * A client as the authorization server needs it; the secret is a hash.
   *
   * @throws InputError when what describes it is not acceptable,
   *   NotAllowedError when its document is not allowed,
   *   ServiceUnavailableError when its document cannot be fetched now
   */
  async findMetadata(id: string): Promise<ClientMetadata | undefined> {
    if (CONTROL_CHARACTER.test(id)) {
      return undefined;
    }
    const known = await this.#findKnown(id);
    if (known) {
      return toClientMetadata(known.client, known.secretHash);
    }
    const document = await this.#documents?.find(id);
    if (document) {
      return document as object as ClientMetadata;
    }
    const registration = await this.#registrations.find(id);
    return (registration as ClientMetadata | undefined) ?? undefined;
  }

  /** A client that an administrator knows. */
  async findRegistered(id: string): Promise<RegisteredClient | undefined> {
    return (await this.#findKnown(id))?.client;
  }

  /**
   * A client as a user needs to see it.
   *
   * @throws NotFoundError when there is none with that id any more
   */
  async describe(id: string): Promise<ConsentClient> {
    const known = await this.#findKnown(id);
    if (known) {
      const { name, uri } = known.client;
      return { id, name, uri, origin: 'registered' };
    }
    const metadata = await this.findMetadata(id);
    if (!metadata) {
      throw new NotFoundError(`There is no client "${id}" any more`);
    }
    const isDocument = URL.canParse(id) && this.#documents !== undefined;
    return {
      id,
      name: (
        metadata.client_name ?? (isDocument ? nameOfHost(new URL(id).host) : id)
      ).slice(0, MAX_CLIENT_NAME_LENGTH),
      uri: metadata.client_uri,
      ...(isDocument
        ? { origin: 'document' as const, documentHost: new URL(id).host }
        : { origin: 'dynamic' as const }),
    };
  }

  /** Clients in the configuration and on the page, by name. */
  async list(): Promise<RegisteredClient[]> {
    const rows = await this.#database<Row>('registered_clients');
    return [
      ...[...this.#fixed.values()].map(({ client }) => client),
      ...rows.map(row => toKnown(row).client),
    ].sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * Registers a client.
   *
   * @param createdBy - UUID of the administrator
   * @returns the client and, if it is confidential, its secret, which is not stored
   * @throws InputError when it cannot work, ConflictError when the id is taken
   */
  async create(
    input: RegisteredClientInput,
    createdBy: string,
  ): Promise<NewRegisteredClient> {
    if (URL.canParse(input.id)) {
      throw new InputError(
        'The id of a registered client cannot be a URL: those are read from the URL itself',
      );
    }
    const secret = input.confidential
      ? randomBytes(32).toString('base64url')
      : undefined;
    const created = new Date();
    const client: RegisteredClient = { ...input, fromConfig: false };
    toClientMetadata(client, secret && hashToken(secret));
    checkServiceResources(client, this.#resources);
    if (this.#fixed.has(input.id)) {
      throw new ConflictError(`There is already a client "${input.id}"`);
    }
    const inserted = await this.#database<Row>('registered_clients')
      .insert({
        id: input.id,
        client: JSON.stringify(client),
        secret_hash: secret ? hashToken(secret) : null,
        created_at: created,
        created_by: createdBy,
      })
      .onConflict('id')
      .ignore()
      .returning('id');
    if (!inserted.length) {
      throw new ConflictError(`There is already a client "${input.id}"`);
    }
    return {
      client: { ...client, createdAt: created.toISOString() },
      secret,
    };
  }

  /** @throws NotFoundError when it is not one that was registered on the page */
  async delete(id: string): Promise<void> {
    const deleted = CONTROL_CHARACTER.test(id)
      ? 0
      : await this.#database<Row>('registered_clients').where({ id }).delete();
    if (!deleted) {
      throw new NotFoundError(
        this.#fixed.has(id)
          ? `The client "${id}" stands in the configuration; remove it there`
          : `There is no client "${id}"`,
      );
    }
  }

  async #findKnown(id: string): Promise<KnownClient | undefined> {
    const fixed = this.#fixed.get(id);
    if (fixed || URL.canParse(id) || CONTROL_CHARACTER.test(id)) {
      return fixed;
    }
    const row = await this.#database<Row>('registered_clients')
      .where({ id })
      .first();
    return row && toKnown(row);
  }
}

function toKnown(row: Row): KnownClient {
  return {
    client: {
      ...JSON.parse(row.client),
      createdAt: new Date(row.created_at).toISOString(),
    },
    secretHash: row.secret_hash ?? undefined,
  };
}
