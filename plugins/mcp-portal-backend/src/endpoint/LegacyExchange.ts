import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  RequestId,
  Transport,
} from '@modelcontextprotocol/server';
import type { Response } from 'express';
import { EventStream } from './EventStream';

/** After so long without an answer the response begins, so that no proxy gives up on it. */
const STREAM_AFTER_MS = 10_000;

/** Answer to a question that nobody can be asked any more. */
const CLIENT_GONE = { code: -32000, message: 'The client has gone' };

/** What the server of a request has to know of the session, as if it had been there when it began. */
export interface SessionStart {
  protocolVersion: string;
  capabilities: object;
  clientInfo: object;
}

/**
 * One request of a client of protocol revision 2025-11-25 or older, and all
 * that is sent until it is answered: progress, messages, questions to the client.
 *
 * A transport for an SDK server that lives for this one request. So any replica
 * can serve any request of a session. The server is told how the session
 * began before it gets the request.
 */
export class LegacyExchange implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;

  readonly #request: JSONRPCRequest;
  readonly #stream: EventStream;
  readonly #id: string;
  readonly #onQuestion: (id: string) => void;
  readonly #onGone: () => void;
  readonly #onResult?: (message: JSONRPCMessage) => Promise<void>;
  readonly #questions = new Map<string, RequestId>();
  #starting: ((result: JSONRPCMessage) => void) | undefined;
  #beginStream: NodeJS.Timeout | undefined;
  #finished: () => void = () => {};
  #failed: (error: unknown) => void = () => {};

  /**
   * @param options.id - unique; part of the ids of questions to the client
   * @param options.onQuestion - is told the id of a request to the client, whose
   *   answer then has to come by {@link answer}
   * @param options.onGone - is called when the connection of the client ends, and
   *   decides whether that ends the request; by default it does
   * @param options.onResult - is called before the response is sent; when it fails, {@link serve} does
   */
  constructor(options: {
    id: string;
    request: JSONRPCRequest;
    response: Response;
    onQuestion: (id: string) => void;
    onGone?: () => void;
    onResult?: (message: JSONRPCMessage) => Promise<void>;
  }) {
    this.#id = options.id;
    this.#request = options.request;
    this.#stream = new EventStream(options.response);
    this.#onQuestion = options.onQuestion;
    this.#onGone = options.onGone ?? (() => this.close());
    this.#onResult = options.onResult;
  }

  async start(): Promise<void> {}

  /**
   * Has the request served by the server that is connected.
   *
   * @param session - absent for the request that begins one
   */
  async serve(
    session: SessionStart | undefined,
    extra: MessageExtraInfo,
  ): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#finished = resolve;
      this.#failed = reject;
    });
    this.#stream.onClose(this.#onGone);
    if (session) {
      await new Promise<unknown>(resolve => {
        this.#starting = resolve;
        this.onmessage?.({
          jsonrpc: '2.0',
          id: this.#id,
          method: 'initialize',
          params: { ...session },
        });
      });
      this.#starting = undefined;
      this.onmessage?.({
        jsonrpc: '2.0',
        method: 'notifications/initialized',
      });
    }
    this.#beginStream = setTimeout(() => this.#stream.begin(), STREAM_AFTER_MS);
    this.onmessage?.(this.#request, extra);
    await finished;
  }

  /** Brings the client's answer to a question. */
  answer(id: string, response: Record<string, unknown>): void {
    const original = this.#questions.get(id);
    if (original !== undefined) {
      this.#questions.delete(id);
      this.onmessage?.({ ...response, id: original } as JSONRPCMessage);
    }
  }

  /** The client does not want the answer any more. */
  cancel(reason: string): void {
    this.onmessage?.({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: this.#request.id, reason },
    });
    this.#stream.endWithoutAnswer();
    void this.close();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const isAnswer = !('method' in message);
    if (this.#starting && isAnswer) {
      this.#starting(message);
      return;
    }
    if (!isAnswer && this.#stream.isClosed) {
      this.#answerForClient(message);
      return;
    }
    if (!isAnswer) {
      this.#stream.send(this.#asQuestion(message));
      return;
    }
    clearTimeout(this.#beginStream);
    try {
      await this.#onResult?.(message);
      this.#stream.finish(message);
    } catch (error) {
      this.#failed(error);
    }
    await this.close();
  }

  async close(): Promise<void> {
    clearTimeout(this.#beginStream);
    this.#finished();
    const { onclose } = this;
    this.onclose = undefined;
    onclose?.();
  }

  /** A question that cannot arrive must not be waited for. */
  #answerForClient(message: JSONRPCMessage): void {
    if ('id' in message && message.id !== undefined) {
      this.onmessage?.({ jsonrpc: '2.0', id: message.id, error: CLIENT_GONE });
    }
  }

  /** Each server counts its requests from zero; in the session an id must be unique. */
  #asQuestion(message: JSONRPCMessage): JSONRPCMessage {
    if (!('id' in message) || message.id === undefined) {
      return message;
    }
    const id = `${this.#id}:${message.id}`;
    this.#questions.set(id, message.id);
    this.#onQuestion(id);
    return { ...message, id };
  }
}
