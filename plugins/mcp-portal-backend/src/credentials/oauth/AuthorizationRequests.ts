import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError } from '@backstage/errors';
import {
  computeScopeUnion,
  isStrictScopeSuperset,
} from '@modelcontextprotocol/client';
import type { Knex } from 'knex';

interface Row {
  id: string;
  user: string;
  server: string;
  scope: string | null;
  expires_at: Date;
}

/** How long a link works that an agent showed to its user. */
const LIFETIME_MS = 60 * 60_000;

/** Below this a new link is made, so that nobody gets one that is about to end. */
const LEFT_MS = 10 * 60_000;

/** Somebody has just come back from an authorization server, to any replica. */
const POLL_MS = 500;

const MAX_SCOPE_LENGTH = 4_000;

/**
 * What users are asked to connect. There is one request for a user and server,
 * however often an agent runs into it.
 */
export class AuthorizationRequests {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /**
   * Makes a request, or extends the one that there is.
   *
   * @param user - UUID
   * @param server - full entity ref
   * @param scope - that is needed, besides what is granted; separated by spaces
   * @returns its id
   */
  async open(user: string, server: string, scope?: string): Promise<string> {
    const request = await this.#current(user, server);
    const before = request.scope ?? undefined;
    const needed = computeScopeUnion(before, scope);
    if (
      isStrictScopeSuperset(needed, before) &&
      // A server that asks for more and more gets no more than fits.
      needed!.length <= MAX_SCOPE_LENGTH
    ) {
      await this.#database<Row>('authorization_requests')
        .where({ id: request.id })
        .update({ scope: needed });
    }
    return request.id;
  }

  /** The one of all replicas; made, when there is none that lasts a while. */
  async #current(user: string, server: string): Promise<Row> {
    const requests = () => this.#database<Row>('authorization_requests');
    await requests()
      .where({ user, server })
      .andWhere('expires_at', '<', new Date(Date.now() + LEFT_MS))
      .delete();
    await requests()
      .insert({
        id: randomUUID(),
        user,
        server,
        scope: null,
        expires_at: new Date(Date.now() + LIFETIME_MS),
      })
      .onConflict(['user', 'server'])
      .ignore();
    const row = await requests().where({ user, server }).first();
    if (!row) {
      throw new ConflictError(
        'The server was connected or disconnected at this moment. Try again',
      );
    }
    return row;
  }

  /** @returns undefined when there is none, or it has expired */
  async get(
    id: string,
  ): Promise<{ user: string; server: string; scope?: string } | undefined> {
    const row = await this.#database<Row>('authorization_requests')
      .where({ id })
      .andWhere('expires_at', '>', new Date())
      .first();
    return (
      row && {
        user: row.user,
        server: row.server,
        scope: row.scope ?? undefined,
      }
    );
  }

  /**
   * Waits until a request is fulfilled, or is not there for another reason.
   *
   * @param timeoutMs - after which nobody waits any more
   * @param signal - ends it too
   */
  async waitUntilClosed(
    id: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while ((await this.get(id)) && Date.now() < deadline) {
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  /** What a user has to grant besides what is granted, if anything is known. */
  async scopeOf(user: string, server: string): Promise<string | undefined> {
    const row = await this.#database<Row>('authorization_requests')
      .where({ user, server })
      .andWhere('expires_at', '>', new Date())
      .first();
    return row?.scope ?? undefined;
  }

  /** Ends it, because the user has connected the server. */
  async close(user: string, server: string): Promise<void> {
    await this.#database<Row>('authorization_requests')
      .where({ user, server })
      .delete();
  }

  async deleteExpired(): Promise<void> {
    await this.#database<Row>('authorization_requests')
      .where('expires_at', '<', new Date())
      .delete();
  }
}
