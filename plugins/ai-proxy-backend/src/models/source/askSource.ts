/** models.dev is 5 MB (November 2026). */
const MOST_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** Longer ones are no use, and have no place in the database. */
const LONGEST_ETAG = 1_000;

/** The part of `fetch` that is used to ask a source. */
export type SourceFetch = (
  url: string,
  init: {
    headers: Record<string, string>;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<Response>;

/** What a source said. */
export type SourceAnswer =
  | { changed: false }
  | { changed: true; document: unknown; etag?: string };

/**
 * Asks a source for its document. It has 30 seconds and 32 MiB, and is not
 * followed to another URL; a `fetch` that follows redirects within the host may.
 *
 * Reading the JSON of models.dev takes 25 to 55 ms (measured 2026-11), in which
 * this process does nothing else: that is why the source is asked by one replica,
 * and only for what changed.
 *
 * @param etag - of the document that is known
 * @throws Error that says why there is no document
 */
export async function askSource(
  fetch: SourceFetch,
  url: string,
  etag?: string,
): Promise<SourceAnswer> {
  const response = await fetch(url, {
    headers: {
      accept: 'application/json',
      ...(etag && { 'if-none-match': etag }),
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status === 304 && etag) {
    return { changed: false };
  }
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new Error(
      `The source answers ${response.status}, a redirect, which is not followed: configure where it leads`,
    );
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The source answers ${response.status}`);
  }
  const text = await readText(response);
  const answered = response.headers.get('etag') ?? undefined;
  return {
    changed: true,
    document: parse(text),
    etag: answered && answered.length <= LONGEST_ETAG ? answered : undefined,
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) {
      throw new Error(`The source answers more than ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The source answers what is not JSON');
  }
}
