import { randomBytes } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  generateSigningKey,
  RotatingKeys,
  type SecretBox,
} from '@prompt-corner/encryption';
import type { JWK } from 'jose';
import type { Knex } from 'knex';
import { readSigningKeys } from './readSigningKeys';

/** Keys with which the authorization server works at a moment. */
export interface KeySet {
  /** Private keys that sign ID tokens; the first one signs, the others are still published. */
  signing: JWK[];
  /** Secrets that sign cookies; the first one signs. */
  cookie: string[];
}

/** The table of the keys. */
export const KEYS_TABLE = 'server_keys';

/**
 * Keys that the authorization server makes, rotates and deletes by itself, kept
 * encrypted in the database for all replicas.
 */
export class ServerKeys {
  readonly #signing: RotatingKeys;
  readonly #cookie: RotatingKeys;
  readonly #signingKeysFile?: string;

  constructor(options: {
    database: Knex;
    box: SecretBox;
    /** After which a key is replaced. */
    rotationMs: number;
    /** A file with the signing keys, instead of own ones. */
    signingKeysFile?: string;
    logger: LoggerService;
  }) {
    const { database, box, rotationMs, logger } = options;
    const table = { database, table: KEYS_TABLE, box, rotationMs, logger };
    this.#signing = new RotatingKeys({
      ...table,
      purpose: 'signing',
      generate: generateSigningKey,
    });
    this.#cookie = new RotatingKeys({
      ...table,
      purpose: 'cookie',
      generate: () => randomBytes(32).toString('base64url'),
    });
    this.#signingKeysFile = options.signingKeysFile;
  }

  /**
   * Makes missing and deletes outlived keys.
   *
   * @param now - milliseconds since the epoch
   */
  async rotate(now = Date.now()): Promise<void> {
    await this.#signing.rotate(now);
    await this.#cookie.rotate(now);
  }

  /**
   * The keys of this moment, ordered by who signs.
   *
   * @param now - milliseconds since the epoch
   */
  async current(now = Date.now()): Promise<KeySet> {
    const [signing, cookie] = await Promise.all([
      this.#signing.current(now),
      this.#cookie.current(now),
    ]);
    return {
      signing: this.#signingKeysFile
        ? await readSigningKeys(this.#signingKeysFile)
        : signing.map(key => JSON.parse(key)),
      cookie,
    };
  }
}
