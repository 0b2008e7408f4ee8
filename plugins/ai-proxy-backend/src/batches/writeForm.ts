import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { streamOf } from '../relay';
import type { BatchForm } from './FormReader';

/**
 * Writes a form.
 *
 * @param form.content - in pieces
 * @returns with its length in bytes
 */
export function writeForm(form: {
  filename: string;
  content: Iterable<Buffer>;
  contentBytes: number;
  fields: BatchForm['fields'];
}): { body: Readable; contentType: string; contentLength: number } {
  const boundary = `form-${randomUUID()}`;
  const head = Buffer.from(
    `${form.fields
      .map(
        ([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(
            name,
          )}"\r\n\r\n${value}\r\n`,
      )
      .join(
        '',
      )}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(
      form.filename,
    )}"\r\nContent-Type: application/jsonl\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* pieces(): AsyncGenerator<Buffer> {
    yield head;
    yield* form.content;
    yield tail;
  }
  return {
    body: streamOf(pieces()),
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: head.length + form.contentBytes + tail.length,
  };
}

/** As HTML writes names of fields and files in forms (WHATWG HTML, "multipart/form-data encoding algorithm"). */
function quoted(name: string): string {
  return name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
}
