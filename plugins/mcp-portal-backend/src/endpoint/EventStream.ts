import type { Response } from 'express';

/** Less than proxies wait for. */
const KEEP_ALIVE_MS = 15_000;

/**
 * An HTTP response that is one JSON document, or, once there is more to say, a
 * stream of server-sent events.
 */
export class EventStream {
  readonly #response: Response;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(response: Response) {
    this.#response = response;
  }

  /** Makes a stream of it, if it is not one yet. */
  begin(): void {
    if (this.#response.headersSent || this.isClosed) {
      return;
    }
    this.#response.status(200).set({
      'content-type': 'text/event-stream',
      // Without no-transform, Backstage's compression holds events back.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    this.#response.flushHeaders();
    this.#keepAlive = setInterval(
      () => this.#response.write(': keep-alive\n\n'),
      KEEP_ALIVE_MS,
    );
    this.#response.once('close', () => clearInterval(this.#keepAlive));
  }

  /** Whether nothing that is sent would arrive. */
  get isClosed(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  send(message: unknown): void {
    if (this.isClosed) {
      return;
    }
    this.begin();
    this.#response.write(eventOf(message));
  }

  /** Sends the last message, on a stream or as the document. */
  finish(message: unknown): void {
    if (this.isClosed) {
      return;
    }
    clearInterval(this.#keepAlive);
    if (this.#response.headersSent) {
      this.#response.end(eventOf(message));
      return;
    }
    this.#response
      .status(200)
      .set({
        'content-type': 'application/json',
        'cache-control': 'no-store, no-transform',
      })
      .end(JSON.stringify(message));
  }

  /** For what was cancelled: there is no answer to it. */
  endWithoutAnswer(): void {
    clearInterval(this.#keepAlive);
    if (!this.#response.headersSent) {
      this.#response.status(202);
    }
    this.#response.end();
  }

  /** When the client has gone, or the response is complete. */
  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }
}

function eventOf(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
