import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { clientGone, tooLarge } from '../bodies';
import { RefusedError } from '../wire';

/** How much waits for a provider that reads slowly. */
const HIGH_WATER_MARK = 64 * 1024;

/**
 * The body of a request as a stream, which ends in an error when it becomes too
 * large or its client goes. It is read no faster than it is taken.
 *
 * @throws RefusedError when it is packed, or its length is known to be too large
 */
export function requestStream(
  request: IncomingMessage,
  maxBytes: number,
): Readable {
  checkHeaders(request, maxBytes);
  return streamOf(chunksOf(request, maxBytes));
}

/** A stream of what a generator yields. */
export function streamOf(chunks: AsyncIterable<Buffer>): Readable {
  return Readable.from(chunks, {
    objectMode: false,
    highWaterMark: HIGH_WATER_MARK,
  });
}

/**
 * The body of a request, chunk by chunk.
 *
 * @throws RefusedError while it is read, when it becomes too large or its client goes
 */
export async function* chunksOf(
  request: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let length = 0;
  try {
    // The answer has to reach the client, though its request is not read to the end.
    for await (const chunk of request.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof RefusedError ? error : clientGone(error);
  }
  if (!request.complete) {
    throw clientGone();
  }
}

/**
 * Refuses what is not to be read at all.
 *
 * @throws RefusedError
 */
export function checkHeaders(
  { headers }: IncomingMessage,
  maxBytes: number,
): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new RefusedError({
      status: 415,
      reason: 'content_encoding',
      message: 'Files are not taken packed. Send it without Content-Encoding',
    });
  }
  if (Number(headers['content-length']) > maxBytes) {
    throw tooLarge(maxBytes);
  }
}
