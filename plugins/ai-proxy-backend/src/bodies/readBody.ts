import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { Fields, RefusedError } from '../wire';
import type { HeldRoom } from './BodyRoom';
import { clientGone, tooLarge } from './refusals';

/** In bytes, at once. */
const UNPACKED = { chunkSize: 65_536 };

const UNPACK: Record<string, () => Transform> = {
  gzip: () => createGunzip(UNPACKED),
  deflate: () => createInflate(UNPACKED),
  br: () => createBrotliDecompress(UNPACKED),
  // Codex compresses long requests with it.
  zstd: () => createZstdDecompress(UNPACKED),
};

/**
 * Reads the body of a request, unpacked.
 *
 * @param maxBytes - packed as well as unpacked
 * @param room - from which its bytes are taken
 * @throws RefusedError when it is too large, packed in an unknown way or broken, there is no room, or the client goes
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  room?: HeldRoom,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  const body = await collect(request, maxBytes, room);
  const encoding = request.headers['content-encoding']?.toLowerCase();
  if (encoding === undefined || encoding === 'identity') {
    return body;
  }
  const create = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!create) {
    throw new RefusedError({
      status: 415,
      reason: 'content_encoding',
      message: `Content-Encoding "${encoding.slice(
        0,
        64,
      )}" is not known. Send one of ${Object.keys(UNPACK).join(', ')}, or none`,
    });
  }
  try {
    return await unpack(body, create(), maxBytes, room);
  } catch (error) {
    throw error instanceof RefusedError
      ? error
      : new RefusedError({
          status: 400,
          reason: 'content_encoding',
          message: `The body is no valid ${encoding}`,
        });
  }
}

/** Piece by piece, as what is packed small may be large, and there may be no room for it. */
async function unpack(
  body: Buffer,
  transform: Transform,
  maxBytes: number,
  room: HeldRoom | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  transform.end(body);
  for await (const chunk of transform as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw tooLarge(maxBytes);
    }
    room?.take(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * Reads a JSON object.
 *
 * @throws RefusedError when it is something else
 */
export function parseObject(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new RefusedError({
      status: 400,
      reason: 'invalid_json',
      message: `The body is no valid JSON. Send a JSON object`,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RefusedError({
      status: 400,
      reason: 'invalid_json',
      message: 'The body is no JSON object. Send one',
    });
  }
  return value as Fields;
}

function collect(
  request: IncomingMessage,
  maxBytes: number,
  room: HeldRoom | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (error: Error) => {
      // What still comes is thrown away, so that the client reads the answer.
      chunks.length = 0;
      request.removeAllListeners('data');
      request.resume();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        stop(tooLarge(maxBytes));
        return;
      }
      try {
        room?.take(chunk.length);
      } catch (error) {
        stop(error as Error);
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)),
    );
    const onEarlyEnd = () => {
      // After its end a request closes, too.
      if (!request.readableEnded) {
        reject(clientGone());
      }
    };
    request.on('error', onEarlyEnd);
    request.on('close', onEarlyEnd);
    if (request.destroyed) {
      // While the caller was found out, for instance.
      onEarlyEnd();
    }
  });
}
