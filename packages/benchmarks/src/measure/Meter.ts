import { subscribe } from 'node:diagnostics_channel';

/** Bytes that arrived from the network for HTTP bodies, in this process, compressed where the server did so. */
let wireBytes = 0;
subscribe('undici:request:bodyChunkReceived', message => {
  wireBytes += (message as { chunk: Buffer }).chunk.byteLength;
});

/** What a contender transferred. */
export interface Transfer {
  /** HTTP requests. */
  requests: number;
  /** Bytes of response bodies, decompressed. */
  bodyBytes: number;
  /** Bytes of response bodies as they came over the wire. */
  wireBytes: number;
}

/**
 * A `fetch` that counts.
 *
 * The wire is counted for the whole process: read a meter only while nothing
 * else in the process makes requests.
 */
export class Meter {
  #requests = 0;
  #bodyBytes = 0;
  #wireStart = 0;

  readonly fetch: typeof fetch = async (input, init) => {
    this.#requests++;
    const response = await fetch(input, init);
    if (!response.body) {
      return response;
    }
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          this.#bodyBytes += chunk.byteLength;
          controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, response);
  };

  /** Starts from zero. */
  reset(): void {
    this.#requests = 0;
    this.#bodyBytes = 0;
    this.#wireStart = wireBytes;
  }

  /** What was transferred since the last reset. */
  read(): Transfer {
    return {
      requests: this.#requests,
      bodyBytes: this.#bodyBytes,
      wireBytes: wireBytes - this.#wireStart,
    };
  }
}
