import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Answers with JSON lines, no faster than the client reads. What fails before the first
 * line is thrown; later, the connection is closed, so that the last line is missing.
 *
 * @param pages - one is in memory at a time; closed when the client goes
 * @param options - `filename` makes it a download
 */
export async function sendLines(
  response: Response,
  pages: AsyncGenerator<unknown[]>,
  options: { logger: LoggerService; filename?: string },
): Promise<void> {
  const first = await pages.next();
  if (options.filename) {
    response.attachment(options.filename);
  }
  response.set({
    'content-type': 'application/jsonl; charset=utf-8',
    // Compression would hold lines back.
    'cache-control': 'no-store, no-transform',
  });
  async function* chunks() {
    for (let page = first; !page.done; page = await pages.next()) {
      yield page.value.map(line => `${JSON.stringify(line)}\n`).join('');
    }
  }
  try {
    await pipeline(Readable.from(chunks(), { highWaterMark: 1 }), response);
  } catch (error) {
    options.logger.warn('A stream of audit lines ended early', toError(error));
  } finally {
    await pages.return(undefined);
  }
}
