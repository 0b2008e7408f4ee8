/** A `fetch`, as far as the transports of the SDK use it. */
export type Fetch = (
  url: string | URL,
  init?: RequestInit,
) => Promise<Response>;

/** The answer has more bytes than are taken. */
export class TooManyBytesError extends Error {
  override name = 'TooManyBytesError';
}

/** What the transports of the SDK do not tell of an answer that was no success. */
export interface Refusal {
  status: number;
  challenge?: string;
}

/**
 * Wraps a `fetch` for one exchange: bounds what it reads, and remembers the
 * last refusal with its challenge, which the SDK drops.
 *
 * @param options.maxBytes - of each answer, after decompression
 */
export function boundedFetch(
  fetch: Fetch,
  options: {
    maxBytes: number;
    onRefusal: (refusal: Refusal) => void;
    /** The SDK reports broken streams nowhere that a request would see. */
    onTooLarge: (error: TooManyBytesError) => void;
  },
): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.status >= 400) {
      options.onRefusal({
        status: response.status,
        challenge: response.headers.get('www-authenticate') ?? undefined,
      });
    }
    if (!response.body) {
      return response;
    }
    let bytes = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          if (bytes > options.maxBytes) {
            const error = new TooManyBytesError();
            options.onTooLarge(error);
            controller.error(error);
            return;
          }
          controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}
