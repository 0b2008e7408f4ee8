import type { GuardedRequestInit } from '@prompt-corner/guarded-fetch';

/** A `fetch` that keeps to the bounds that it is given with a request. */
export type Fetch = (
  url: string | URL,
  init?: GuardedRequestInit,
) => Promise<Response>;

/** What the transports of the SDK do not tell of a request that a server did not take. */
export interface Refusal {
  status: number;
  challenge?: string;
  /** As the server wrote it: seconds, or a date. */
  retryAfter?: string;
}

/**
 * Wraps a `fetch` for one exchange: bounds what it reads, and tells what the
 * SDK keeps to itself.
 *
 * @param options.maxBytes - of each answer, after decompression
 */
export function boundedFetch(
  fetch: Fetch,
  options: {
    maxBytes: number;
    /** Credentials as they are now: those of the beginning may be over when a question is answered. */
    headers: () => Promise<Record<string, string>>;
    /**
     * The SDK drops the challenge. Only of what the exchange is for: what becomes
     * of answers, cancellations and streams says nothing about the request.
     */
    onRefusal: (refusal: Refusal) => void;
    /** The SDK reports broken streams nowhere that a request would see. */
    onTooLarge: (error: Error) => void;
    /** An answer is a stream of events, of which the SDK tells the end. */
    onStream: () => void;
  },
): Fetch {
  const { maxBytes, onTooLarge } = options;
  let hasSent = false;
  return async (url, init) => {
    const isFirst = !hasSent;
    hasSent ||= init?.method === 'POST';
    const response = await fetch(url, {
      ...init,
      headers: isFirst
        ? init?.headers
        : changed(init?.headers, await options.headers()),
      maxBytes,
      onTooLarge,
    });
    if (response.status < 400) {
      if (
        response.headers.get('content-type')?.startsWith('text/event-stream')
      ) {
        options.onStream();
      }
    } else if (init?.method === 'POST' ? isRequest(init.body) : isFirst) {
      options.onRefusal({
        status: response.status,
        challenge: response.headers.get('www-authenticate') ?? undefined,
        retryAfter: response.headers.get('retry-after') ?? undefined,
      });
    }
    return response;
  };
}

function changed(
  headers: RequestInit['headers'],
  changes: Record<string, string>,
): Headers {
  const result = new Headers(headers);
  Object.entries(changes).forEach(([name, value]) => result.set(name, value));
  return result;
}

/** Whether it is a JSON-RPC request, and no notification or answer. */
function isRequest(body: unknown): boolean {
  const message = JSON.parse(String(body));
  return 'method' in message && 'id' in message;
}
