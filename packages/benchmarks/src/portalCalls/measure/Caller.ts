import { Era, McpConnection } from '../client/McpConnection';
import type { Contender } from '../contenders/Contender';
import {
  ANSWERS,
  AnswerSize,
  answerOf,
  CALLED_TOOLS,
} from '../toolServers/answers';

/** A client of one contender. */
export class Caller {
  readonly #connection: McpConnection;
  readonly #tool: string;
  readonly #size: AnswerSize;
  #number: number;

  private constructor(options: {
    connection: McpConnection;
    tool: string;
    size: AnswerSize;
    number: number;
  }) {
    this.#connection = options.connection;
    this.#tool = options.tool;
    this.#size = options.size;
    this.#number = options.number;
  }

  /**
   * Connects the n-th client, and calls once.
   *
   * @throws Error when the answer is not the one that the server gave
   */
  static async open(
    contender: Contender,
    options: { era: Era; size: AnswerSize; client: number },
  ): Promise<Caller> {
    const { era, size, client } = options;
    const caller = new Caller({
      connection: await McpConnection.open({
        ...contender.clients[client],
        era,
      }),
      tool: contender.toolName(CALLED_TOOLS[size]),
      size,
      number: client,
    });
    await caller.#verify(contender.name);
    return caller;
  }

  /** Calls the tool, each time for another answer. */
  async call(): Promise<string> {
    this.#number = (this.#number + 1) % ANSWERS;
    return this.#connection.call(this.#tool, {
      number: this.#number,
      project: 'checkout',
      labels: ['bug'],
    });
  }

  async #verify(contender: string): Promise<void> {
    const text = await this.call();
    if (text !== answerOf(this.#size, this.#number)) {
      throw new Error(
        `${contender} gave another answer than its server: ${text.slice(
          0,
          200,
        )}`,
      );
    }
  }
}
