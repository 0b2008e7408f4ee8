import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A secret from which encryption keys are derived. */
export interface EncryptionKey {
  id: string;
  secret: string;
}

/**
 * Encrypts what has to be stored but must not be readable in the database
 * (AES-256-GCM). The first key encrypts; all of them decrypt. A new key is
 * added as the last one on all replicas before it becomes the first one.
 */
export class SecretBox {
  readonly #keys: Map<string, Buffer>;
  readonly #current: string;
  readonly #configKey: string;

  /**
   * @param keys - at least one
   * @param options.purpose - goes into the derived keys (the info of HKDF, RFC
   *   5869), so that boxes of different purposes cannot open each other's
   *   values even with the same keys; must never change
   * @param options.configKey - where the keys are configured, for messages
   */
  constructor(
    keys: EncryptionKey[],
    options: { purpose: string; configKey: string },
  ) {
    if (!keys.length) {
      throw new Error(
        `At least one encryption key is needed; set ${options.configKey}`,
      );
    }
    this.#keys = new Map(
      keys.map(({ id, secret }) => [
        id,
        Buffer.from(hkdfSync('sha256', secret, '', options.purpose, 32)),
      ]),
    );
    this.#current = keys[0].id;
    this.#configKey = options.configKey;
  }

  /** Id of the key that encrypts. */
  get currentKeyId(): string {
    return this.#current;
  }

  /**
   * Encrypts a text.
   *
   * @param context - what it is and whose; has to be the same to decrypt, so
   *   that a stored value cannot be moved to another row
   */
  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(
      ALGORITHM,
      this.#keys.get(this.#current)!,
      nonce,
    ).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([
      nonce,
      cipher.update(text, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${this.#current}.${sealed.toString('base64url')}`;
  }

  /**
   * Decrypts what {@link seal} returned.
   *
   * @throws Error when the key is not there any more, or the value was changed
   */
  open(sealed: string, context: string): string {
    const id = keyIdOf(sealed);
    const key = this.#keys.get(id);
    if (!key) {
      throw new Error(
        `The encryption key "${id}" is not configured; add it to ${
          this.#configKey
        } again`,
      );
    }
    const bytes = Buffer.from(sealed.slice(id.length + 1), 'base64url');
    const decipher = createDecipheriv(
      ALGORITHM,
      key,
      bytes.subarray(0, NONCE_BYTES),
      { authTagLength: TAG_BYTES },
    )
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
  }
}

/** Id of the key with which a value was sealed. */
export function keyIdOf(sealed: string): string {
  return sealed.slice(0, Math.max(0, sealed.lastIndexOf('.')));
}
