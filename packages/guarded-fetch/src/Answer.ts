import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { limitBytes, TooManyBytesError } from './limitBytes';

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** So much waits for who reads before the server has to wait as well. */
const WAITING_BYTES = 64 * 1024;

/** What servers are asked for, and what `DecompressionStream` calls it. */
export const ENCODINGS = 'gzip, deflate';
const FORMATS: Record<string, CompressionFormat> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** What an {@link Answer} keeps to. */
export interface AnswerLimits {
  /** Of the body, unpacked. */
  maxBytes: number;
  /** Told when there are more, which else only whoever reads learns. */
  onTooLarge?: (error: TooManyBytesError) => void;
  /** Ends it, whatever has arrived. */
  signal?: AbortSignal | null;
}

/** Takes one answer from undici's dispatcher, which is much cheaper than its `fetch`. */
export class Answer implements Dispatcher.DispatchHandler {
  /** Settles with the head; the body streams, no faster than it is read. */
  readonly response: Promise<Response>;
  readonly #url: URL;
  readonly #limits: AnswerLimits;
  readonly #onAbort = () => this.abort(this.#limits.signal?.reason);
  #resolve!: (response: Response) => void;
  #reject!: (reason: unknown) => void;
  #connection: Dispatcher.DispatchController | undefined;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Of the body; more when it is packed, as that is counted when it is unpacked. */
  #remainingBytes: number;
  #ended = false;
  #connectionFailed = false;

  constructor(url: URL, limits: AnswerLimits) {
    this.#url = url;
    this.#limits = limits;
    this.#remainingBytes = limits.maxBytes;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    limits.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (limits.signal?.aborted) {
      this.#onAbort();
    }
  }

  /** Whether there was no connection on which the request could have been sent. */
  get connectionFailed(): boolean {
    return this.#connectionFailed;
  }

  /** Ends it for this reason, unless it has ended already. */
  abort(reason: unknown): void {
    if (this.#end()) {
      this.#fail(reason);
      this.#connection?.abort(notWanted());
    }
  }

  onRequestStart(connection: Dispatcher.DispatchController): void {
    this.#connection = connection;
    if (this.#ended) {
      connection.abort(notWanted());
    }
  }

  onResponseStart(
    _connection: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    if (status < 200 || this.#ended) {
      return;
    }
    try {
      const response = new Response(this.#bodyOf(status, headers), {
        status,
        statusText,
        headers: toPairs(headers),
      });
      Object.defineProperty(response, 'url', { value: this.#url.href });
      this.#resolve(response);
    } catch (error) {
      this.abort(error);
    }
  }

  onResponseData(
    connection: Dispatcher.DispatchController,
    chunk: Uint8Array,
  ): void {
    if (!this.#body) {
      // What a status does not allow.
      this.abort(notWanted());
    }
    if (this.#ended || !this.#body) {
      return;
    }
    this.#remainingBytes -= chunk.byteLength;
    if (this.#remainingBytes < 0) {
      this.abort(this.#tooLarge());
      return;
    }
    this.#body.enqueue(chunk);
    if (this.#body.desiredSize! <= 0) {
      connection.pause();
    }
  }

  onResponseEnd(): void {
    if (this.#end()) {
      this.#body?.close();
    }
  }

  onResponseError(_connection: unknown, error: Error): void {
    if (this.#end()) {
      this.#connectionFailed = !this.#connection;
      this.#fail(error);
    }
  }

  /** @returns whether it had not ended before */
  #end(): boolean {
    if (this.#ended) {
      return false;
    }
    this.#ended = true;
    this.#limits.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }

  #fail(reason: unknown): void {
    this.#reject(reason);
    this.#body?.error(reason);
  }

  #tooLarge(): TooManyBytesError {
    const error = new TooManyBytesError(this.#limits.maxBytes);
    this.#limits.onTooLarge?.(error);
    return error;
  }

  #bodyOf(
    status: number,
    headers: IncomingHttpHeaders,
  ): ReadableStream<Uint8Array> | null {
    if (WITHOUT_BODY.has(status)) {
      return null;
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#body = controller;
        },
        pull: () => this.#connection?.resume(),
        cancel: reason => this.abort(reason),
      },
      { highWaterMark: WAITING_BYTES, size: chunk => chunk.byteLength },
    );
    const encoding = String(headers['content-encoding']).toLowerCase();
    const format = FORMATS[encoding];
    if (!format) {
      return body;
    }
    this.#remainingBytes = Infinity;
    return body
      .pipeThrough(new DecompressionStream(format))
      .pipeThrough(limitBytes(this.#limits.maxBytes, () => this.#tooLarge()));
  }
}

function notWanted(): Error {
  return new Error('The answer is not wanted any more');
}

function toPairs(headers: IncomingHttpHeaders): Array<[string, string]> {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
}
