import { createHash, randomBytes } from 'node:crypto';
import {
  type ClientCapabilities,
  type Implementation,
  type LoggingLevel,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import { inTime } from '../database/inTime';

/** A session of a client of protocol revision 2025-11-25 or older. */
export interface ClientSession {
  /** SHA-256 of the id, which is as good as a password. */
  idHash: string;
  portal: string;
  callerUuid: string;
  /** Absent for anonymous callers only. */
  connectionId?: string;
  protocolVersion: string;
  client: { info: Implementation; capabilities: ClientCapabilities };
  logLevel?: LoggingLevel;
  /** URIs of resources, as the portal names them. */
  subscriptions: string[];
}

/** Who asks with a session id. */
export interface SessionOwner {
  portal: string;
  callerUuid: string;
  connectionId?: string;
}

/** A session that was not used for so long is over. */
const IDLE_MS = 24 * 60 * 60_000;

/** One of an anonymous caller, whom nobody asked to come. */
const ANONYMOUS_IDLE_MS = 60 * 60_000;

/** Open ones of one user or service. */
const MAX_SESSIONS = 100;

/** Of the anonymous callers at one address. */
const MAX_ANONYMOUS_SESSIONS = 20;

/** Of one session, as JSON, in characters. */
const MAX_SUBSCRIPTIONS_LENGTH = 65_536;

/** Other replicas may change or end a session: for so long nobody notices. */
const REMEMBERED_MS = 2_000;

const TOUCH_AFTER_MS = 60_000;

/**
 * Sessions of clients, for all replicas. A session belongs to who opened it: to
 * anybody else its id is unknown. All methods throw ServiceUnavailableError when the
 * database does not answer.
 */
export class ClientSessions {
  readonly #database: Knex;
  readonly #remembered = new LRUCache<string, ClientSession>({
    max: 5_000,
    ttl: REMEMBERED_MS,
  });
  readonly #touched = new LRUCache<string, true>({
    max: 50_000,
    ttl: TOUCH_AFTER_MS,
  });

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /**
   * Opens a session. When its caller has too many, those end that were not used
   * for longest.
   *
   * @returns the id for the client
   */
  async open(session: Omit<ClientSession, 'idHash'>): Promise<string> {
    const id = randomBytes(24).toString('base64url');
    await inTime(
      this.#database('client_sessions').insert({
        ...rowOf({ ...session, idHash: hashOf(id) }),
        used_at: new Date(),
      }),
    );
    await this.#endExcess(session);
    return id;
  }

  /** The session with this id, if it is this caller's and not over. */
  async find(
    id: string,
    owner: SessionOwner,
  ): Promise<ClientSession | undefined> {
    const idHash = hashOf(id);
    const remembered = this.#remembered.get(idHash);
    const session = remembered ?? (await this.#read(idHash));
    const isOwners =
      session !== undefined &&
      session.portal === owner.portal &&
      session.callerUuid === owner.callerUuid &&
      session.connectionId === owner.connectionId;
    if (!isOwners) {
      return undefined;
    }
    if (!remembered) {
      // Not each time, or a session in use would be remembered for ever.
      this.#remembered.set(idHash, session);
    }
    await this.#touch(idHash);
    return session;
  }

  /** A session as it is now; undefined when it is over. */
  async current(session: ClientSession): Promise<ClientSession | undefined> {
    return (
      this.#remembered.get(session.idHash) ?? (await this.#read(session.idHash))
    );
  }

  /**
   * Changes what a client may change of its session.
   *
   * @throws ProtocolError when the subscriptions are too long
   */
  async change(
    session: ClientSession,
    change: Partial<Pick<ClientSession, 'logLevel' | 'subscriptions'>>,
  ): Promise<void> {
    const changed = { ...session, ...change };
    const subscriptions = JSON.stringify(changed.subscriptions);
    if (subscriptions.length > MAX_SUBSCRIPTIONS_LENGTH) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `The subscriptions of a session would have more than ${MAX_SUBSCRIPTIONS_LENGTH} characters together; end one first`,
      );
    }
    await inTime(
      this.#database('client_sessions')
        .where({ id_hash: session.idHash })
        .update({
          log_level: changed.logLevel ?? null,
          subscriptions,
        }),
    );
    this.#remembered.set(session.idHash, changed);
  }

  async end(session: ClientSession): Promise<void> {
    this.#remembered.delete(session.idHash);
    await inTime(
      this.#database('client_sessions')
        .where({ id_hash: session.idHash })
        .delete(),
    );
  }

  /** Deletes sessions that are over. */
  async deleteExpired(): Promise<void> {
    await this.#database('client_sessions')
      .where('used_at', '<', ago(IDLE_MS))
      .orWhere(anonymous =>
        anonymous
          .whereNull('connection_id')
          .where('used_at', '<', ago(ANONYMOUS_IDLE_MS)),
      )
      .delete();
  }

  async #endExcess(owner: SessionOwner): Promise<void> {
    const excess = await inTime<Array<Pick<SessionRow, 'id_hash'>>>(
      this.#database('client_sessions')
        .where({ caller_uuid: owner.callerUuid })
        .orderBy('used_at', 'desc')
        .offset(owner.connectionId ? MAX_SESSIONS : MAX_ANONYMOUS_SESSIONS)
        .limit(MAX_SESSIONS)
        .select('id_hash'),
    );
    if (excess.length) {
      const ids = excess.map(row => row.id_hash);
      ids.forEach(id => this.#remembered.delete(id));
      await inTime(
        this.#database('client_sessions').whereIn('id_hash', ids).delete(),
      );
    }
  }

  async #read(idHash: string): Promise<ClientSession | undefined> {
    const row = await inTime<SessionRow | undefined>(
      this.#database('client_sessions')
        .where({ id_hash: idHash })
        .where('used_at', '>', ago(IDLE_MS))
        .andWhere(known =>
          known
            .whereNotNull('connection_id')
            .orWhere('used_at', '>', ago(ANONYMOUS_IDLE_MS)),
        )
        .first(),
    );
    return row && sessionOf(row);
  }

  async #touch(idHash: string): Promise<void> {
    if (this.#touched.has(idHash)) {
      return;
    }
    this.#touched.set(idHash, true);
    await inTime(
      this.#database('client_sessions')
        .where({ id_hash: idHash })
        .update({ used_at: new Date() }),
    );
  }
}

function ago(ms: number): Date {
  return new Date(Date.now() - ms);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

interface SessionRow {
  id_hash: string;
  portal: string;
  caller_uuid: string;
  connection_id: string | null;
  protocol_version: string;
  client: string;
  log_level: string | null;
  subscriptions: string;
}

function rowOf(session: ClientSession): SessionRow {
  return {
    id_hash: session.idHash,
    portal: session.portal,
    caller_uuid: session.callerUuid,
    connection_id: session.connectionId ?? null,
    protocol_version: session.protocolVersion,
    client: JSON.stringify(session.client),
    log_level: session.logLevel ?? null,
    subscriptions: JSON.stringify(session.subscriptions),
  };
}

function sessionOf(row: SessionRow): ClientSession {
  return {
    idHash: row.id_hash,
    portal: row.portal,
    callerUuid: row.caller_uuid,
    connectionId: row.connection_id ?? undefined,
    protocolVersion: row.protocol_version,
    client: JSON.parse(row.client),
    logLevel: (row.log_level as LoggingLevel | null) ?? undefined,
    subscriptions: JSON.parse(row.subscriptions),
  };
}
