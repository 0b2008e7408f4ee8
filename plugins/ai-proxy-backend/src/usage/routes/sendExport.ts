import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  exportHead,
  exportLine,
  ExportFormat,
  MAX_EXPORTED_EVENTS,
  PlannedExport,
} from '../export';

const CONTENT_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/**
 * Answers with a file, no faster than the client reads. Its headers say how many
 * events it has at most, and where to go on when there are more. What fails before the
 * first line is thrown; later, the connection is closed before its end.
 */
export async function sendExport(
  response: Response,
  planned: PlannedExport,
  options: { format: ExportFormat; fileName: string; logger: LoggerService },
): Promise<void> {
  const { format } = options;
  const pages = planned.pages();
  const first = await pages.next();
  response.attachment(options.fileName).set({
    'content-type': CONTENT_TYPES[format],
    // Compression would hold lines back.
    'cache-control': 'no-store, no-transform',
    'x-usage-limit': String(MAX_EXPORTED_EVENTS),
    ...(planned.next && { 'x-usage-next': planned.next }),
  });
  async function* chunks() {
    yield exportHead(format);
    for (let page = first; !page.done; page = await pages.next()) {
      yield linesOf(page.value, format);
    }
  }
  try {
    await pipeline(Readable.from(chunks(), { highWaterMark: 1 }), response);
  } catch (error) {
    options.logger.warn('An export of usage ended early', toError(error));
  } finally {
    await pages.return(undefined);
  }
}

function linesOf(events: UsageEvent[], format: ExportFormat): string {
  return events.map(event => exportLine(format, event)).join('');
}
