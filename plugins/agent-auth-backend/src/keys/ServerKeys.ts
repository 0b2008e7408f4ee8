import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { JWK } from 'jose';
import type { Knex } from 'knex';
import type { EncryptionKey } from './SecretBox';
import { readSigningKeys } from './readSigningKeys';
import { SecretBox } from './SecretBox';

type Purpose = 'signing' | 'cookie' | 'encryption';

interface Row {
  id: string;
  purpose: Purpose;
  secret: string;
  created_at: Date;
}

/** Keys with which the authorization server works at a moment. */
export interface KeySet {
  /** Private keys that sign ID tokens; the first one signs, the others are still published. */
  signing: JWK[];
  /** Secrets that sign cookies; the first one signs. */
  cookie: string[];
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * A new key is published for this long before it signs, so that every replica
 * and client knows it by then.
 */
const ANNOUNCED_MS = DAY_MS;

/** For this long after its last signature a key is still published; no ID token or cookie lives longer. */
const RETIRED_MS = 2 * DAY_MS;

/**
 * Keys that the authorization server makes, rotates and deletes by itself, kept
 * encrypted in the database for all replicas.
 */
export class ServerKeys {
  readonly #database: Knex;
  readonly #box: SecretBox;
  readonly #rotationMs: number;
  readonly #signingKeysFile?: string;

  constructor(options: {
    database: Knex;
    box: SecretBox;
    /** After which a key is replaced. */
    rotationMs: number;
    /** A file with the signing keys, instead of own ones. */
    signingKeysFile?: string;
  }) {
    this.#database = options.database;
    this.#box = options.box;
    this.#rotationMs = options.rotationMs;
    this.#signingKeysFile = options.signingKeysFile;
  }

  /**
   * Makes missing and deletes outlived keys.
   *
   * @param now - milliseconds since the epoch
   */
  async rotate(now = Date.now()): Promise<void> {
    for (const purpose of ['signing', 'cookie'] as const) {
      const rows = await this.#read(purpose);
      const newest = rows[0];
      if (!newest || ageMs(newest, now) > this.#rotationMs) {
        const id = `${purpose}-${numberOf(newest) + 1}`;
        await this.#database<Row>('server_keys')
          .insert({
            id,
            purpose,
            secret: this.#box.seal(
              purpose === 'signing' ? newSigningKey() : newCookieKey(),
              id,
            ),
            created_at: new Date(now),
          })
          // Of replicas that do this at the same time, one wins.
          .onConflict('id')
          .ignore();
      }
      // A key stops signing once its successor has been announced.
      const outlived = rows.slice(1).filter((_row, index) => {
        const successor = rows[index];
        return ageMs(successor, now) > ANNOUNCED_MS + RETIRED_MS;
      });
      await this.#database<Row>('server_keys')
        .whereIn(
          'id',
          outlived.map(({ id }) => id),
        )
        .delete();
    }
  }

  /**
   * The keys of this moment, ordered by who signs.
   *
   * @param now - milliseconds since the epoch
   */
  async current(now = Date.now()): Promise<KeySet> {
    const [signing, cookie] = await Promise.all(
      (['signing', 'cookie'] as const).map(async purpose => {
        const rows = await this.#read(purpose);
        const announced = rows.filter(row => ageMs(row, now) > ANNOUNCED_MS);
        const signer = announced[0] ?? rows.at(-1);
        return [signer, ...rows.filter(row => row !== signer)]
          .filter((row): row is Row => row !== undefined)
          .map(row => this.#box.open(row.secret, row.id));
      }),
    );
    return {
      signing: this.#signingKeysFile
        ? await readSigningKeys(this.#signingKeysFile)
        : signing.map(key => JSON.parse(key)),
      cookie,
    };
  }

  /** Newest first. */
  async #read(purpose: Purpose): Promise<Row[]> {
    const rows = await this.#database<Row>('server_keys').where({ purpose });
    return rows.sort((a, b) => numberOf(b) - numberOf(a));
  }
}

/**
 * Encryption keys from the configuration, or, when there are none, one that is
 * kept in the database. That one protects nothing against who reads the
 * database, so it is only taken outside production.
 *
 * @throws Error when none is configured in production
 */
export async function provideEncryptionKeys(options: {
  configured: EncryptionKey[];
  production: boolean;
  database: Knex;
  logger: LoggerService;
}): Promise<EncryptionKey[]> {
  const { configured, production, database, logger } = options;
  if (configured.length) {
    return configured;
  }
  if (production) {
    throw new Error(
      'Set agentAuth.encryption.keys: refresh tokens and keys are encrypted with it. A good secret is the output of: openssl rand -base64 32',
    );
  }
  logger.warn(
    'agentAuth.encryption.keys is not set; secrets are encrypted with a key that stands in the same database. Never run like this in production',
  );
  await database<Row>('server_keys')
    .insert({
      id: 'development',
      purpose: 'encryption',
      secret: randomBytes(32).toString('base64url'),
      created_at: new Date(),
    })
    .onConflict('id')
    .ignore();
  const row = await database<Row>('server_keys')
    .where({ id: 'development' })
    .first();
  return [{ id: row!.id, secret: row!.secret }];
}

function ageMs(row: Row, now: number): number {
  return now - new Date(row.created_at).getTime();
}

/** The how many-th key of its purpose a key is. */
function numberOf(row: Row | undefined): number {
  return Number(row?.id.split('-')[1] ?? 0);
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(12).toString('hex'),
    alg: 'ES256',
    use: 'sig',
  });
}

function newCookieKey(): string {
  return randomBytes(32).toString('base64url');
}
