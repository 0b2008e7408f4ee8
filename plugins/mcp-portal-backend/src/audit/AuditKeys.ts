import { InputError } from '@backstage/errors';
import { createHmac, createSecretKey, hkdfSync, KeyObject } from 'node:crypto';

const MIN_SECRET_BYTES = 32;
const MAX_ID_LENGTH = 64;

/** Signs with HMAC-SHA256. Whoever has its secret can forge what it signed. */
export class AuditKey {
  readonly id: string;
  /** Node takes six times as long to sign with the same key in a buffer. */
  readonly #key: KeyObject;

  /** @param secret - at least 32 bytes; the key is derived from it with HKDF (RFC 5869) */
  constructor(id: string, secret: Buffer) {
    if (!id || id.length > MAX_ID_LENGTH) {
      throw new InputError(
        `The id of an audit key has to have 1 to ${MAX_ID_LENGTH} characters`,
      );
    }
    if (secret.length < MIN_SECRET_BYTES) {
      throw new InputError(
        `The secret of the audit key "${id}" has to have at least ${MIN_SECRET_BYTES} bytes`,
      );
    }
    this.id = id;
    this.#key = createSecretKey(
      Buffer.from(
        // The same secret may serve other purposes: this label keeps their keys apart.
        hkdfSync('sha256', secret, '', 'prompt-corner mcp-portal audit v1', 32),
      ),
    );
  }

  /**
   * @param purpose - what is signed; a signature for one purpose is none for another
   * @param parts - only the last one may hold a line feed
   * @returns 64 hex digits
   */
  sign(purpose: string, ...parts: Array<string | number>): string {
    return createHmac('sha256', this.#key)
      .update([purpose, ...parts].join('\n'))
      .digest('hex');
  }
}

/**
 * The keys of the audit trail: the first one signs, all of them verify. To
 * change it, put a new one in front. An old one is needed until retention has
 * deleted what it signed.
 */
export class AuditKeys {
  readonly current: AuditKey;
  readonly #byId: Map<string, AuditKey>;

  /** @throws InputError without keys, with two of the same id, or with a short secret */
  constructor(secrets: Array<{ id: string; secret: Buffer }>) {
    const keys = secrets.map(({ id, secret }) => new AuditKey(id, secret));
    this.#byId = new Map(keys.map(key => [key.id, key]));
    if (!keys.length || this.#byId.size < keys.length) {
      throw new InputError(
        'The audit trail needs at least one key, and each has to have its own id',
      );
    }
    this.current = keys[0];
  }

  /** The key with an id, if it is still configured. */
  get(id: string): AuditKey | undefined {
    return this.#byId.get(id);
  }
}
