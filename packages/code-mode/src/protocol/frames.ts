/**
 * Frames between the host and a sandbox process: four bytes with the length of
 * what follows, four with the length of the header, the header as JSON, and a
 * text as UTF-8. The text is kept apart so that a tool result, which is JSON
 * already, is not encoded a second time.
 */

export interface Frame {
  header: Record<string, unknown>;
  text: string;
}

/** The other side broke the protocol. Nothing that it says can be used any more. */
export class ProtocolError extends Error {
  name = 'ProtocolError';
}

const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 1_000_000;

export function encodeFrame(header: object, text = ''): Buffer {
  const head = Buffer.from(JSON.stringify(header), 'utf8');
  const textBytes = Buffer.byteLength(text, 'utf8');
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + head.length + textBytes);
  frame.writeUInt32LE(4 + head.length + textBytes, 0);
  frame.writeUInt32LE(head.length, 4);
  head.copy(frame, PREFIX_BYTES);
  frame.write(text, PREFIX_BYTES + head.length, 'utf8');
  return frame;
}

/** Puts frames together from chunks of any size. */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param maxFrameBytes - a longer frame is refused as soon as its length is known. */
  constructor(maxFrameBytes: number, onFrame: (frame: Frame) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
  }

  /**
   * Reads a chunk, and calls back for each frame that it completes.
   *
   * @throws ProtocolError if the bytes are no frames.
   */
  push(chunk: Buffer) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= 4) {
      const length = this.#peekLength();
      if (this.#bytes < 4 + length) {
        return;
      }
      const all = this.#take(4 + length);
      this.#onFrame(decodeFrame(all.subarray(4)));
    }
  }

  #peekLength(): number {
    if (this.#chunks[0].length < 4) {
      this.#chunks = [Buffer.concat(this.#chunks)];
    }
    const length = this.#chunks[0].readUInt32LE(0);
    if (length < 4 || length > this.#maxFrameBytes) {
      throw new ProtocolError(`A frame of ${length} bytes is not allowed`);
    }
    return length;
  }

  #take(length: number): Buffer {
    if (this.#chunks[0].length < length) {
      this.#chunks = [Buffer.concat(this.#chunks)];
    }
    const [first, ...others] = this.#chunks;
    const rest = first.subarray(length);
    this.#chunks = rest.length > 0 ? [rest, ...others] : others;
    this.#bytes -= length;
    return first.subarray(0, length);
  }
}

function decodeFrame(content: Buffer): Frame {
  const headerBytes = content.readUInt32LE(0);
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > content.length - 4) {
    throw new ProtocolError(`A header of ${headerBytes} bytes is not allowed`);
  }
  const header = parseHeader(content.toString('utf8', 4, 4 + headerBytes));
  return { header, text: content.toString('utf8', 4 + headerBytes) };
}

function parseHeader(json: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch (cause) {
    throw new ProtocolError('A header is not JSON', { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new ProtocolError('A header is not an object');
  }
  return header as Record<string, unknown>;
}
