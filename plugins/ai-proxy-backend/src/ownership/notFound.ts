import { RefusedError, StoredKind } from '../wire';

const NOUNS: Record<StoredKind, string> = {
  file: 'file',
  upload: 'upload',
  batch: 'batch',
  response: 'response',
  cache: 'cached content',
  container: 'container',
  'vector-store': 'vector store',
};

/** How much of an id is repeated. */
const MAX_ID = 128;

/**
 * The answer about what is not there, and about what is somebody else's: the
 * same, so that nobody learns which ids there are.
 */
export function notFound(
  kind: StoredKind | undefined,
  id: string,
): RefusedError {
  const shown = id.slice(0, MAX_ID);
  return new RefusedError({
    status: 404,
    reason: 'not_found',
    message: kind
      ? `No ${NOUNS[kind]} with the id "${shown}" was found. You can use what you have made through this proxy`
      : `"${shown}" was not found. Send what it stands for instead of its id`,
  });
}
