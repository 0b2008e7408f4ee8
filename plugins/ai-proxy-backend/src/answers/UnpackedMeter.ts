import type { Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';

/** What reads usage from the bytes of an answer. */
interface Meter<T> {
  feed(chunk: Buffer): void;
  end(how: 'complete' | 'cut'): T;
}

const UNPACK = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/**
 * Unpacks an answer for a meter, on the side. Providers are asked for answers
 * that are not packed; some, and gateways in between, pack them all the same.
 */
export class UnpackedMeter<T> {
  readonly #meter: Meter<T>;
  readonly #unpack: Transform | undefined;
  #isBroken = false;

  /** @param encoding - the answer's `Content-Encoding`, if it has one */
  constructor(meter: Meter<T>, encoding: string | undefined) {
    this.#meter = meter;
    const create = encoding && UNPACK.get(encoding.toLowerCase());
    if (create) {
      this.#unpack = create();
      this.#unpack.on('data', (chunk: Buffer) => meter.feed(chunk));
      this.#unpack.on('error', () => {
        this.#isBroken = true;
      });
    }
  }

  feed(chunk: Buffer): void {
    if (!this.#unpack) {
      this.#meter.feed(chunk);
    } else if (!this.#isBroken) {
      this.#unpack.write(chunk);
    }
  }

  /** What was used, when all of it has been unpacked. What cannot be unpacked to its end is cut. */
  end(how: 'complete' | 'cut'): T | Promise<T> {
    const unpack = this.#unpack;
    const end = () => this.#meter.end(this.#isBroken ? 'cut' : how);
    if (!unpack || this.#isBroken) {
      return end();
    }
    return new Promise(resolve => {
      const finish = () => resolve(end());
      unpack.once('close', finish);
      unpack.end();
      unpack.resume();
    });
  }
}
