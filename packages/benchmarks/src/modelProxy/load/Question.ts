import { answeredText, readText } from '../exchanges/answers';
import { createRequest } from '../exchanges/createRequest';
import type { Exchange } from '../exchanges/Exchange';
import type { Connection } from './Connection';
import type { Timing } from './protocol';

const MAX_SHOWN_CHARACTERS = 200;

/** Something to ask of a target whose right answer is known. */
export class Question {
  readonly #body: Buffer;
  readonly #answerBytes: number;

  private constructor(body: Buffer, answerBytes: number) {
    this.#body = body;
    this.#answerBytes = answerBytes;
  }

  /**
   * Asks once, and learns how long a right answer is.
   *
   * @throws Error when the answer is not the one that the provider gives
   */
  static async learn(
    connection: Connection,
    exchange: Exchange,
  ): Promise<Question> {
    const body = createRequest(exchange);
    const chunks: Buffer[] = [];
    await connection.send(body, chunk => chunks.push(chunk));
    const answer = Buffer.concat(chunks);
    verify(exchange, answer.toString());
    return new Question(body, answer.length);
  }

  /** @throws Error when it is not answered, or not as long as the first time */
  async ask(connection: Connection): Promise<Timing> {
    let bytes = 0;
    const timing = await connection.send(this.#body, chunk => {
      bytes += chunk.length;
    });
    if (bytes !== this.#answerBytes) {
      throw new Error(`${bytes} bytes instead of ${this.#answerBytes}`);
    }
    return timing;
  }
}

function verify({ delivery }: Exchange, answer: string): void {
  let text;
  try {
    text = readText(delivery, answer);
  } catch {
    text = undefined;
  }
  if (text !== answeredText(delivery)) {
    throw new Error(
      `another answer than the provider's: ${answer.slice(
        0,
        MAX_SHOWN_CHARACTERS,
      )}`,
    );
  }
}
