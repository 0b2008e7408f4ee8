import type { Reference, StoredKind } from '../wire';

/** What the members that refer to something refer to. */
const KINDS: Record<string, StoredKind> = {
  file_id: 'file',
  file_ids: 'file',
  input_file_id: 'file',
  training_file: 'file',
  validation_file: 'file',
  fileUri: 'file',
  file_uri: 'file',
  fileName: 'file',
  file_name: 'file',
  previous_response_id: 'response',
  vector_store_id: 'vector-store',
  vector_store_ids: 'vector-store',
  container: 'container',
  container_id: 'container',
  cachedContent: 'cache',
  cached_content: 'cache',
};

/** Under which paths Gemini has its things; they are a part of their names. */
const GOOGLE_PREFIXES: Partial<Record<StoredKind, string>> = {
  file: 'files/',
  cache: 'cachedContents/',
};

/**
 * What a reference refers to.
 *
 * @returns kind undefined where the proxy knows of nobody who could own it
 */
export function referredObject({ name, id }: Reference): {
  kind: StoredKind | undefined;
  id: string;
} {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  return { kind, id: kind ? withoutPrefix(kind, id) : id };
}

/** The id of something of Gemini's, without the path that is a part of its name. */
export function withoutPrefix(kind: StoredKind, id: string): string {
  const prefix = GOOGLE_PREFIXES[kind];
  return prefix && id.startsWith(prefix) ? id.slice(prefix.length) : id;
}
