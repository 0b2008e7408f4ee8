import {
  JSONRPCMessage,
  SdkError,
  SdkErrorCode,
  Transport,
} from '@modelcontextprotocol/client';

/** Servers end the stream of a request with its answer, or a moment later. Ending it for them costs the connection. */
const STREAM_END_MS = 1_000;

/**
 * Knows when no more of the answer to a request can come. The SDK's transport
 * does, and its client waits for the timeout.
 */
export class AnswerEnd {
  /** Whether there is a stream of events, which has not ended yet. */
  #streaming = false;
  #onEnd: (streamed: boolean) => void = () => {};

  /** To be called when the answer is a stream of events. */
  streamBegan(): void {
    this.#streaming = true;
  }

  /** @param transport - not started yet; it is changed */
  watch(transport: Transport): void {
    const { send } = transport;
    transport.send = async (message, options) => {
      await send.call(transport, message, {
        onRequestStreamEnd: () => {
          this.#streaming = false;
          this.#onEnd(true);
        },
        ...options,
        // Closing the exchange ends its request. The SDK would join both signals.
        requestSignal: undefined,
      });
      if (isRequest(message) && !this.#streaming) {
        this.#onEnd(false);
      }
    };
  }

  /**
   * Waits for the answer.
   *
   * @throws SdkError as soon as there cannot be one any more
   */
  async orAnswer<T>(ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let answered = false;
      this.#onEnd = streamed =>
        // The answer may be on its way through the SDK.
        setImmediate(() => answered || reject(noAnswer(streamed)));
      ask().then(answer => {
        answered = true;
        resolve(answer);
      }, reject);
    });
  }

  /**
   * Lets the server end its stream, for a moment. Without a stream there is
   * nothing left to close after an answer.
   */
  letEnd(close: () => void): void {
    if (this.#streaming) {
      const late = setTimeout(close, STREAM_END_MS).unref();
      this.#onEnd = () => clearTimeout(late);
    }
  }
}

function isRequest(message: JSONRPCMessage): boolean {
  return 'method' in message && 'id' in message;
}

/** @param streamed - whether it was a stream that ended, as it does when its server ends */
function noAnswer(streamed: boolean): SdkError {
  return streamed
    ? new SdkError(
        SdkErrorCode.ConnectionClosed,
        'The server ended without an answer',
      )
    : new SdkError(
        SdkErrorCode.InvalidResult,
        'The server answered something else than it was asked',
      );
}
