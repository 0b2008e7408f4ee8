import { UnpackedMeter } from '../answers';
import { Answer, UpstreamError } from '../upstream';
import { Fields, fieldsOf } from '../wire';

/** Descriptions of files and batches have some hundreds of bytes. */
const MAX_BYTES = 1024 * 1024;

/** A small answer, read to its end. */
export interface WholeAnswer {
  /** As the provider sent it. */
  raw: Buffer;
  /** Unpacked. */
  json: Buffer;
  /** Parsed; empty when it is no JSON object. */
  body: Fields;
}

/**
 * Reads a small answer to its end, and lets its connection go.
 *
 * @throws UpstreamError when it ends too early, or does not end
 */
export async function readWhole(answer: Answer): Promise<WholeAnswer> {
  const { response, release } = answer;
  try {
    const raw = answer.body ?? (await collect(answer));
    const json = await unpacked(raw, response.headers['content-encoding']);
    return { raw, json, body: parsed(json) };
  } finally {
    release();
  }
}

async function collect({ response, candidate }: Answer): Promise<Buffer> {
  const { idleMs } = candidate.provider.timeouts;
  const idle = setTimeout(() => response.destroy(), idleMs);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      idle.refresh();
      length += chunk.length;
      if (length > MAX_BYTES) {
        throw new Error(`The answer is larger than ${MAX_BYTES} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw new UpstreamError('reset', error);
  } finally {
    clearTimeout(idle);
  }
  if (!response.complete) {
    throw new UpstreamError('reset');
  }
  return Buffer.concat(chunks, length);
}

async function unpacked(
  raw: Buffer,
  encoding: string | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const collector = new UnpackedMeter(
    {
      feed: chunk => {
        length += chunk.length;
        if (length <= MAX_BYTES) {
          chunks.push(chunk);
        }
      },
      end: () => Buffer.concat(chunks),
    },
    encoding,
  );
  collector.feed(raw);
  return collector.end('complete');
}

function parsed(json: Buffer): Fields {
  try {
    return fieldsOf(JSON.parse(json.toString('utf8')));
  } catch {
    return {};
  }
}
