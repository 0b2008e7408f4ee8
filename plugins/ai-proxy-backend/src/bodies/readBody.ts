import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import {
  brotliDecompress,
  gunzip,
  inflate,
  InputType,
  ZlibOptions,
  zstdDecompress,
  ZstdOptions,
} from 'node:zlib';
import { Fields, RefusedError } from '../wire';
import type { HeldRoom } from './BodyRoom';
import { clientGone, tooLarge } from './refusals';

type Decompress = (input: InputType, options: ZlibOptions) => Promise<Buffer>;

const unpackZstd = promisify<InputType, ZstdOptions, Buffer>(zstdDecompress);

const DECOMPRESS: Record<string, Decompress> = {
  gzip: promisify<InputType, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<InputType, ZlibOptions, Buffer>(inflate),
  br: promisify<InputType, ZlibOptions, Buffer>(brotliDecompress),
  // Codex compresses long requests with it.
  zstd: (input, { maxOutputLength }) => unpackZstd(input, { maxOutputLength }),
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
  const decompress = Object.hasOwn(DECOMPRESS, encoding)
    ? DECOMPRESS[encoding]
    : undefined;
  if (!decompress) {
    throw new RefusedError({
      status: 415,
      reason: 'content_encoding',
      message: `Content-Encoding "${encoding.slice(
        0,
        64,
      )}" is not known. Send one of ${Object.keys(DECOMPRESS).join(
        ', ',
      )}, or none`,
    });
  }
  let unpacked: Buffer;
  try {
    unpacked = await decompress(body, { maxOutputLength: maxBytes });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(maxBytes)
      : new RefusedError({
          status: 400,
          reason: 'content_encoding',
          message: `The body is no valid ${encoding}`,
        });
  }
  room?.take(unpacked.length);
  return unpacked;
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
      if (!request.complete) {
        reject(clientGone());
      }
    };
    request.on('error', onEarlyEnd);
    request.on('close', onEarlyEnd);
  });
}
