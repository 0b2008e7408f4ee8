import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { tooLarge } from '../bodies';
import { checkHeaders, chunksOf, streamOf } from '../relay';
import { BatchForm, FormReader } from './FormReader';
import type { HeldBatch } from './BatchHolding';

/** What is to become of a form. */
export type ReadForm =
  /** It is for a batch, and was read to its end. */
  | { kind: 'batch'; form: BatchForm }
  /** It is for something else, and passes as the client wrote it. */
  | { kind: 'other'; body: Readable };

/**
 * Reads the form of a file (OpenAI, `POST /files`) as far as needed to see whether
 * it is for a batch. Of a file for something else nothing is held: as soon as its
 * field `purpose` says so, or, where that comes behind the file, as soon as the file
 * does not begin as JSON does.
 *
 * A form that is read by the provider in another way than here does no harm: only
 * what was read as a batch, and is written anew, can become one.
 *
 * @param options.maxBytes - of a form that passes
 * @param options.maxBatchBytes - of one for a batch
 * @throws RefusedError when it is no form, too large, or its client goes
 */
export async function readForm(
  request: IncomingMessage,
  held: HeldBatch,
  options: { maxBytes: number; maxBatchBytes: number },
): Promise<ReadForm> {
  const { maxBytes, maxBatchBytes } = options;
  checkHeaders(request, maxBytes);
  const reader = new FormReader(request.headers['content-type']);
  const source = chunksOf(request, maxBytes);
  let raw: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await source.next();
    if (done) {
      break;
    }
    raw.push(value);
    bytes += value.length;
    await reader.write(value);
    if (reader.purpose === 'batch') {
      raw = [];
    }
    const isOther =
      reader.purpose === undefined
        ? reader.isNotJson || bytes > maxBatchBytes
        : reader.purpose !== 'batch';
    if (isOther) {
      reader.stop();
      return { kind: 'other', body: streamOf(rest(raw, source)) };
    }
    if (bytes > maxBatchBytes) {
      reader.stop();
      throw tooLarge(maxBatchBytes);
    }
    await held.has(bytes);
  }
  const form = await reader.end();
  return reader.purpose === 'batch'
    ? { kind: 'batch', form }
    : { kind: 'other', body: streamOf(rest(raw, source)) };
}

async function* rest(
  raw: Buffer[],
  source: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  while (raw.length > 0) {
    yield raw.shift()!;
  }
  yield* source;
}
