import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  DiscoverResult,
  ServerCapabilities,
} from '@modelcontextprotocol/client';
import { ReplaceableSecrets } from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';

/** What a server said in its handshake, for one caller. */
export type Handshake =
  | { era: 'modern'; discover: DiscoverResult }
  | {
      era: 'legacy';
      /** Empty when the server works without sessions. */
      sessionId: string;
      protocolVersion: string;
      capabilities: ServerCapabilities;
      instructions?: string;
    };

/** What a server said that it can do. */
export function capabilitiesOf(handshake: Handshake): ServerCapabilities {
  return handshake.era === 'modern'
    ? handshake.discover.capabilities
    : handshake.capabilities;
}

/** Seals what is stored. */
export interface Sealer {
  seal(text: string, context: string): string;
  open(sealed: string, context: string): string;
}

/** Whose handshake it is. Nothing of it is shared between two of these. */
export interface HandshakeKey {
  /** Entity ref of the server. */
  server: string;
  /** Its URL: a server that moved is asked anew. */
  url: string;
  /** Whose credential is used. */
  partition: string;
  /** Session or connection of the client behind. */
  session: string;
  /** What the client behind can do, which a server learns in the handshake only. */
  capabilities: string;
}

/** A server may change its mind about the protocol; then it is asked again. */
const REMEMBERED_MS = 10 * 60_000;
const REMEMBERED = 20_000;

/** Servers end idle sessions much earlier. */
const STORED_MS = 24 * 60 * 60_000;

/**
 * Remembers handshakes with servers. Those that made a session are stored, so
 * that every replica goes on with the same session of the server.
 */
export class UpstreamSessions {
  readonly #database: Knex;
  readonly #sealer: Sealer;
  readonly #secrets: ReplaceableSecrets;
  readonly #remembered = new LRUCache<string, Handshake>({
    max: REMEMBERED,
    ttl: REMEMBERED_MS,
  });

  constructor(options: {
    database: Knex;
    sealer: Sealer;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#sealer = options.sealer;
    this.#secrets = new ReplaceableSecrets({
      box: options.sealer,
      logger: options.logger,
      what: 'sessions at servers',
    });
  }

  /** What is known of a handshake; undefined when there has to be one. */
  async find(key: HandshakeKey): Promise<Handshake | undefined> {
    const name = nameOf(key);
    const remembered = this.#remembered.get(name);
    if (remembered) {
      return remembered;
    }
    const id = sha256(name);
    const row = await this.#database('upstream_sessions')
      .where({ id })
      .where('expires_at', '>', new Date())
      .first('sealed');
    const opened = row && this.#secrets.open(row.sealed, id);
    if (opened === undefined) {
      return undefined;
    }
    const handshake: Handshake = JSON.parse(opened);
    this.#remembered.set(name, handshake);
    return handshake;
  }

  async keep(key: HandshakeKey, handshake: Handshake): Promise<void> {
    const name = nameOf(key);
    this.#remembered.set(name, handshake);
    if (handshake.era === 'legacy' && handshake.sessionId) {
      const id = sha256(name);
      await this.#database('upstream_sessions')
        .insert({
          id,
          server_ref: key.server,
          session: sha256(key.session),
          sealed: this.#sealer.seal(JSON.stringify(handshake), id),
          expires_at: new Date(Date.now() + STORED_MS),
        })
        .onConflict('id')
        .merge();
    }
  }

  /**
   * Forgets a handshake that the server does not know any more.
   *
   * @param stale - what was used; another replica may have made a new one
   * @returns what to use instead, if there is something
   */
  async forget(
    key: HandshakeKey,
    stale: Handshake,
  ): Promise<Handshake | undefined> {
    const name = nameOf(key);
    this.#remembered.delete(name);
    const stored = await this.find(key);
    if (stored && JSON.stringify(stored) !== JSON.stringify(stale)) {
      return stored;
    }
    this.#remembered.delete(name);
    await this.#database('upstream_sessions')
      .where({ id: sha256(name) })
      .delete();
    return undefined;
  }

  /** Deletes what expired. */
  async deleteExpired(): Promise<void> {
    await this.#database('upstream_sessions')
      .where('expires_at', '<', new Date())
      .delete();
  }
}

function nameOf(key: HandshakeKey): string {
  return JSON.stringify([
    key.server,
    key.url,
    key.partition,
    key.session,
    key.capabilities,
  ]);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
