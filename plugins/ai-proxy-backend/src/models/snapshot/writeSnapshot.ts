import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readDocument } from '../source';
import { SNAPSHOT_FILES } from './readSnapshot';

/** Without these, something is wrong with a document. */
const EXPECTED = ['anthropic', 'openai', 'google'];

/**
 * Writes a new snapshot: `yarn workspace @prompt-corner/plugin-ai-proxy-backend
 * models:snapshot https://models.dev/api.json`.
 *
 * @param from - URL or path of an `api.json`, or of one packed with gzip
 * @param folder - to which it is written
 * @returns what was written, in words
 * @throws InputError when it is no such document
 */
export async function writeSnapshot(
  from: string,
  folder: string,
): Promise<string> {
  const bytes = await readBytes(from);
  const json = String(isPacked(bytes) ? gunzipSync(bytes) : bytes);
  const document = JSON.parse(json);
  const { providers, skipped } = readDocument(document, EXPECTED);
  const missing = EXPECTED.filter(id => !providers.has(id));
  if (missing.length > 0 || skipped.count > 0) {
    throw new Error(
      `${from} has no ${missing.join(', ') || 'fault in its providers'}, and ${
        skipped.count
      } models that cannot be read: ${skipped.examples.join('; ')}`,
    );
  }
  const asOf = newestUpdate(document);
  await writeFile(
    join(folder, SNAPSHOT_FILES.document),
    gzipSync(json, { level: 9 }),
  );
  await writeFile(
    join(folder, SNAPSHOT_FILES.about),
    `${JSON.stringify(
      { source: 'https://models.dev/api.json', asOf },
      null,
      2,
    )}\n`,
  );
  return `Wrote the models of ${
    Object.keys(document).length
  } providers as of ${asOf}`;
}

async function readBytes(from: string): Promise<Buffer> {
  if (!URL.canParse(from)) {
    return readFile(resolve(process.env.INIT_CWD ?? '.', from));
  }
  const response = await fetch(from);
  if (!response.ok) {
    throw new Error(`${from} answers ${response.status}`);
  }
  return Buffer.from(await response.arrayBuffer());
}

function isPacked(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A day that no model was changed after. */
function newestUpdate(
  document: Record<
    string,
    { models: Record<string, { last_updated?: string }> }
  >,
): string {
  return Object.values(document)
    .flatMap(({ models }) => Object.values(models))
    .map(({ last_updated: updated }) => updated ?? '')
    .filter(updated => /^\d{4}-\d{2}-\d{2}$/.test(updated))
    .sort()
    .at(-1)!;
}
