import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SealedColumn, SecretBox } from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import type { GivenTokens } from './requestToken';
import { usableScope } from './usableScope';

/** Whose credential it is, where, and from whom. Nothing is ever looked up by less. */
export interface CredentialKey {
  /** UUID of the user. */
  user: string;
  /** Full entity ref of the server. */
  server: string;
  issuer: string;
  /** Origin of the URL at which the server is called. */
  origin: string;
}

/** Tokens of a user, and what a refresh needs. */
export interface StoredTokens {
  accessToken: string;
  refreshToken?: string;
  /** To which they were given. */
  clientId: string;
  resource: string;
}

/** What a user let the portal do at a server. */
export interface UserCredential {
  user: string;
  server: string;
  issuer: string;
  /** Absent once the issuer takes them no more. */
  tokens?: StoredTokens;
  /** Another one with each change of the tokens. */
  version: string;
  /** What may be used of what was granted. */
  scope?: string;
  /** What the user chose to grant; absent without a choice. */
  chosenScope?: string;
  issuedAt: Date;
  accessExpiresAt?: Date;
  endsAt?: Date;
  connectedAt: Date;
}

interface Row {
  user: string;
  server: string;
  issuer: string;
  origin: string;
  tokens: string | null;
  version: string;
  scope: string | null;
  chosen_scope: string | null;
  issued_at: Date;
  access_expires_at: Date | null;
  ends_at: Date | null;
  connected_at: Date;
  refreshing_until: Date | null;
  notified_at: Date | null;
  left_since: Date | null;
}

/** Who has a credential, and where. */
export interface HeldCredential {
  user: string;
  server: string;
  issuer: string;
  /** When it was noticed that the user had left, or the server was retired. */
  leftSince?: Date;
}

/** Where the tokens are, to encrypt them anew. */
export const SEALED_TOKENS: SealedColumn<Row> = {
  table: 'user_credentials',
  column: 'tokens',
  primaryKey: ['user', 'server', 'issuer'],
  contextOf,
};

/** A credential without its tokens. */
export interface CredentialDescription extends Omit<UserCredential, 'tokens'> {
  /** Whether it has tokens still. */
  usable: boolean;
}

/** Keeps credentials of users in the database; tokens encrypted, each for its key only. */
export class UserCredentialStore {
  readonly #database: Knex;
  readonly #box: SecretBox;
  readonly #logger: LoggerService;

  constructor(options: {
    database: Knex;
    box: SecretBox;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#box = options.box;
    this.#logger = options.logger;
  }

  async get(key: CredentialKey): Promise<UserCredential | undefined> {
    const row = await this.#database<Row>('user_credentials')
      .where(key)
      .first();
    return row && this.#toCredential(row);
  }

  /** All of a user, without tokens. */
  async list(user: string): Promise<CredentialDescription[]> {
    const rows = await this.#database<Row>('user_credentials')
      .where({ user })
      .orderBy('server');
    return rows.map(row => ({
      ...toDescription(row),
      usable: row.tokens !== null,
    }));
  }

  /** With tokens, to end them. */
  async listOf(
    where: { user: string; server?: string } | { server: string },
  ): Promise<UserCredential[]> {
    const rows = await this.#database<Row>('user_credentials').where(where);
    return rows.map(row => this.#toCredential(row));
  }

  /** Who has credentials, of all users. */
  async listHeld(): Promise<HeldCredential[]> {
    const rows = await this.#database<Row>('user_credentials')
      .select('user', 'server', 'issuer', 'left_since')
      .orderBy(['user', 'server', 'issuer']);
    return rows.map(({ left_since: leftSince, ...key }) => ({
      ...key,
      leftSince: leftSince ? new Date(leftSince) : undefined,
    }));
  }

  /** Notes when it was noticed that the user had left, or the server was retired. */
  async markLeft(
    { user, server, issuer }: HeldCredential,
    at: Date | null,
  ): Promise<void> {
    await this.#database<Row>('user_credentials')
      .where({ user, server, issuer })
      .update({ left_since: at });
  }

  /**
   * Puts a new credential in place of whatever was there.
   *
   * @param chosenScope - that the user chose to grant, if it was a choice
   */
  async replace(
    key: CredentialKey,
    tokens: StoredTokens,
    given: GivenTokens,
    scope: string | undefined,
    chosenScope: string | undefined,
  ): Promise<void> {
    await this.#database<Row>('user_credentials')
      .insert({
        ...key,
        ...this.#toColumns(key, tokens, given, scope),
        chosen_scope: chosenScope ?? null,
        connected_at: new Date(given.issuedAt),
        notified_at: null,
        left_since: null,
      })
      .onConflict(['user', 'server', 'issuer'])
      .merge();
  }

  /**
   * Lets one replica refresh.
   *
   * @returns whether it is this one
   */
  async lease(
    key: CredentialKey,
    version: string,
    leaseMs: number,
  ): Promise<boolean> {
    const now = Date.now();
    const taken = await this.#database<Row>('user_credentials')
      .where({ ...key, version })
      .andWhere(free =>
        free
          .whereNull('refreshing_until')
          .orWhere('refreshing_until', '<', new Date(now)),
      )
      .update({ refreshing_until: new Date(now + leaseMs) });
    return taken > 0;
  }

  /** Ends a lease without a result. */
  async release(key: CredentialKey, version: string): Promise<void> {
    await this.#database<Row>('user_credentials')
      .where({ ...key, version })
      .update({ refreshing_until: null });
  }

  /**
   * Keeps refreshed tokens.
   *
   * @returns false when the credential is another one by now, or gone
   */
  async refresh(
    key: CredentialKey,
    version: string,
    tokens: StoredTokens,
    given: GivenTokens,
    scope: string | undefined,
  ): Promise<boolean> {
    const updated = await this.#database<Row>('user_credentials')
      .where({ ...key, version })
      .update(this.#toColumns(key, tokens, given, scope));
    return updated > 0;
  }

  /** Notes that the issuer takes the tokens no more. */
  async expire(key: CredentialKey, version: string): Promise<void> {
    await this.#database<Row>('user_credentials')
      .where({ ...key, version })
      .update({
        tokens: null,
        version: randomUUID(),
        refreshing_until: null,
        ends_at: new Date(),
      });
  }

  async delete(credential: UserCredential): Promise<void> {
    const { user, server, issuer } = credential;
    await this.#database<Row>('user_credentials')
      .where({ user, server, issuer })
      .delete();
  }

  /**
   * Credentials that have ended, or end before a time, and of which the user was not told.
   *
   * @param longerThanMs - those that were made for less are not worth a word while they last
   */
  async listEnding(
    before: Date,
    longerThanMs: number,
  ): Promise<CredentialDescription[]> {
    const rows = await this.#database<Row>('user_credentials')
      .whereNull('notified_at')
      .andWhere('ends_at', '<', before)
      .limit(1_000);
    return rows
      .map(row => ({ ...toDescription(row), usable: row.tokens !== null }))
      .filter(
        ({ usable, endsAt, connectedAt }) =>
          !usable || endsAt!.getTime() - connectedAt.getTime() > longerThanMs,
      );
  }

  /** @returns whether nobody else has told the user */
  async markNotified(
    { user, server, issuer, version }: CredentialDescription,
    at: Date | null,
  ): Promise<boolean> {
    const query = this.#database<Row>('user_credentials').where({
      user,
      server,
      issuer,
      version,
    });
    if (at) {
      query.whereNull('notified_at');
    }
    return (await query.update({ notified_at: at })) > 0;
  }

  #toColumns(
    key: CredentialKey,
    tokens: StoredTokens,
    given: GivenTokens,
    scope: string | undefined,
  ) {
    const date = (at?: number) => (at === undefined ? null : new Date(at));
    return {
      tokens: this.#box.seal(JSON.stringify(tokens), contextOf(key)),
      version: randomUUID(),
      scope: scope ?? null,
      issued_at: new Date(given.issuedAt),
      access_expires_at: date(given.expiresAt),
      ends_at: date(
        tokens.refreshToken ? given.refreshExpiresAt : given.expiresAt,
      ),
      refreshing_until: null,
    };
  }

  #toCredential(row: Row): UserCredential {
    return { ...toDescription(row), tokens: this.#open(row) };
  }

  /** What does not open, because its key is gone or it was moved here, is no credential. */
  #open(row: Row): StoredTokens | undefined {
    if (row.tokens === null) {
      return undefined;
    }
    try {
      return JSON.parse(this.#box.open(row.tokens, contextOf(row)));
    } catch (error) {
      this.#logger.warn(
        `The credential of user ${row.user} for ${row.server} cannot be opened; the user has to connect the server again: ${error}`,
      );
      return undefined;
    }
  }
}

function toDescription(row: Row): Omit<UserCredential, 'tokens'> {
  const date = (value: Date | null) => (value ? new Date(value) : undefined);
  return {
    user: row.user,
    server: row.server,
    issuer: row.issuer,
    version: row.version,
    scope: usableScope(row.scope ?? undefined, row.chosen_scope ?? undefined),
    chosenScope: row.chosen_scope ?? undefined,
    issuedAt: new Date(row.issued_at),
    accessExpiresAt: date(row.access_expires_at),
    endsAt: date(row.ends_at),
    connectedAt: new Date(row.connected_at),
  };
}

/** A stored value opens in its own row only. */
function contextOf({ user, server, issuer, origin }: CredentialKey): string {
  return JSON.stringify(['user credential', user, server, issuer, origin]);
}
