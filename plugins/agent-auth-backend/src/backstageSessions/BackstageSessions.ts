import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  isError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { SecretBox } from '@prompt-corner/encryption';
import { decodeJwt } from 'jose';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { BackstageSignIn, BackstageTokens } from './BackstageSignIn';

interface Row {
  principal: string;
  refresh_token: string;
  updated_at: Date;
  renewing_until: Date | null;
}

/** Longer than the auth backend may take to answer. A replica that is killed blocks a user for so long. */
const LEASE_MS = 20_000;

const POLL_MS = 100;

const MAX_USERS_IN_MEMORY = 10_000;

/** A token is renewed this long before it expires, so that what is made from it lasts a while. */
const RENEWED_BEFORE_EXPIRY_MS = 5 * 60_000;

/**
 * Lets this backend act in Backstage for users: one refresh token for each,
 * encrypted in the database, and the user token made from it in memory.
 */
export class BackstageSessions {
  readonly #database: Knex;
  readonly #box: SecretBox;
  readonly #signIn: BackstageSignIn;
  readonly #auth: AuthService;
  readonly #tokens = new LRUCache<string, string>({ max: MAX_USERS_IN_MEMORY });
  readonly #refreshing = new Map<string, Promise<string>>();

  constructor(options: {
    database: Knex;
    box: SecretBox;
    signIn: BackstageSignIn;
    auth: AuthService;
  }) {
    this.#database = options.database;
    this.#box = options.box;
    this.#signIn = options.signIn;
    this.#auth = options.auth;
  }

  /**
   * Signs in for a user who just approved something, in place of the session
   * before.
   *
   * @param principal - UUID
   */
  async establish(
    principal: string,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const tokens = await this.#signIn.signIn(credentials);
    await this.#database<Row>('backstage_sessions')
      .insert(this.#toRow(principal, tokens))
      .onConflict('principal')
      .merge();
    this.#tokens.set(principal, tokens.userToken);
  }

  /**
   * Credentials of a user at this plugin.
   *
   * @param principal - UUID
   * @throws AuthenticationError when the user has to connect a client again
   */
  async credentialsOf(
    principal: string,
  ): Promise<{ credentials: BackstageCredentials; expiresAt: number }> {
    const known = this.#tokens.get(principal);
    const token =
      known && expiryOf(known) - RENEWED_BEFORE_EXPIRY_MS > Date.now()
        ? known
        : await this.#renew(principal);
    return {
      credentials: await this.#auth.authenticate(token),
      expiresAt: expiryOf(token),
    };
  }

  /** Ends the session of a user, here and at the auth backend. */
  async end(principal: string): Promise<void> {
    this.#tokens.delete(principal);
    const row = await this.#database<Row>('backstage_sessions')
      .where({ principal })
      .first();
    if (row) {
      await this.#database<Row>('backstage_sessions')
        .where({ principal, refresh_token: row.refresh_token })
        .delete();
      await this.#signIn.revoke(this.#box.open(row.refresh_token, principal));
    }
  }

  /** Ends the sessions of users for whom nothing acts any more. */
  async endUnused(): Promise<void> {
    const unused = await this.#database<Row>('backstage_sessions')
      .whereNotIn(
        'principal',
        this.#database('connections')
          .whereNull('revoked_at')
          .andWhere('expires_at', '>', new Date())
          .select('principal'),
      )
      // Somebody is just approving a client.
      .andWhere('updated_at', '<', new Date(Date.now() - 2 * LEASE_MS))
      .select('principal');
    for (const { principal } of unused) {
      await this.end(principal);
    }
  }

  async #renew(principal: string): Promise<string> {
    const running = this.#refreshing.get(principal);
    if (running) {
      return running;
    }
    const renewal = this.#renewOnce(principal).finally(() =>
      this.#refreshing.delete(principal),
    );
    this.#refreshing.set(principal, renewal);
    return renewal;
  }

  async #renewOnce(principal: string): Promise<string> {
    const deadline = Date.now() + LEASE_MS;
    for (;;) {
      const row = await this.#database<Row>('backstage_sessions')
        .where({ principal })
        .first();
      if (!row) {
        throw new AuthenticationError(
          'The portal cannot act for this user. Connect the client again',
        );
      }
      // A refresh token works once, so replicas take turns. No connection to the database is
      // held meanwhile: the auth backend may be slow.
      const taken = await this.#database<Row>('backstage_sessions')
        .where({ principal, refresh_token: row.refresh_token })
        .andWhere(free =>
          free
            .whereNull('renewing_until')
            .orWhere('renewing_until', '<', new Date()),
        )
        .update({ renewing_until: new Date(Date.now() + LEASE_MS) });
      if (taken) {
        return this.#exchange(row);
      }
      if (Date.now() > deadline) {
        throw new ServiceUnavailableError(
          'Another replica is renewing the sign-in of this user. Try again shortly',
        );
      }
      await sleep(POLL_MS);
    }
  }

  async #exchange({ principal, refresh_token }: Row): Promise<string> {
    // Only if nobody has put another one there: the user may just have approved a client.
    const same = { principal, refresh_token };
    try {
      const tokens = await this.#signIn.refresh(
        this.#box.open(refresh_token, principal),
      );
      const kept = await this.#database<Row>('backstage_sessions')
        .where(same)
        .update(this.#toRow(principal, tokens));
      if (kept) {
        this.#tokens.set(principal, tokens.userToken);
      } else {
        await this.#signIn.revoke(tokens.refreshToken);
      }
      return tokens.userToken;
    } catch (error) {
      const ended = isError(error) && error.name === 'AuthenticationError';
      const session = this.#database<Row>('backstage_sessions').where(same);
      const changed = await (ended
        ? session.delete()
        : session.update({ renewing_until: null }));
      // It was replaced in the meantime, and the new one may be good.
      if (ended && !changed) {
        return this.#renewOnce(principal);
      }
      throw error;
    }
  }

  #toRow(principal: string, tokens: BackstageTokens): Row {
    return {
      principal,
      refresh_token: this.#box.seal(tokens.refreshToken, principal),
      updated_at: new Date(),
      renewing_until: null,
    };
  }
}

function expiryOf(token: string): number {
  return (decodeJwt(token).exp ?? 0) * 1000;
}
