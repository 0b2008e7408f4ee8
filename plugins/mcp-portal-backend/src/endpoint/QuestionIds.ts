import {
  createHmac,
  createSecretKey,
  KeyObject,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto';

/**
 * Ids of questions to clients that show whether this portal asked them, in
 * this session: an answer to anything else is not stored for anybody.
 */
export class QuestionIds {
  readonly #key: KeyObject;

  /** @param options.key - the same in all replicas */
  constructor(options: { key: Buffer }) {
    this.#key = createSecretKey(options.key);
  }

  /** @returns what the ids of an exchange begin with, before a colon */
  make(session: string): string {
    const id = randomUUID();
    return `${id}.${this.#signatureOf(session, id)}`;
  }

  /** Whether a question with this id can have been asked in a session. */
  isGenuine(session: string, questionId: unknown): boolean {
    const [, id, signature] =
      /^([0-9a-f-]{36})\.([\w-]{43}):\d{1,6}$/.exec(String(questionId)) ?? [];
    return (
      id !== undefined &&
      timingSafeEqual(
        Buffer.from(signature),
        Buffer.from(this.#signatureOf(session, id)),
      )
    );
  }

  #signatureOf(session: string, id: string): string {
    return createHmac('sha256', this.#key)
      .update(`${session} ${id}`)
      .digest('base64url');
  }
}
