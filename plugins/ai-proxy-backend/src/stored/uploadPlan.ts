import type { IncomingMessage } from 'node:http';
import { parseObject, readBody } from '../bodies';
import { RefusedError, textOf } from '../wire';

/**
 * Reads the request that begins an upload in parts (OpenAI, `POST /uploads`). The
 * parts pass as they are, so that they cannot become requests of a batch, all of
 * which have to be checked.
 *
 * @throws RefusedError for the requests of a batch
 */
export async function readUploadPlan(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ body: Buffer; purpose?: string }> {
  const body = await readBody(request, maxBytes);
  const purpose = textOf(parseObject(body).purpose);
  if (purpose === 'batch') {
    throw new RefusedError({
      status: 400,
      reason: 'unchecked_batch',
      message:
        'Requests of a batch are checked, which is not done for uploads in parts. Send the file to /files, in several batches if it is too large',
    });
  }
  return { body, purpose };
}
