import { Fields, fieldsOf, isGiven, itemsOf, textOf } from './fields';
import type { Reference } from './InferenceRequest';

/** Members whose value is an id of something at the provider, in the APIs of Anthropic and OpenAI. */
const NAMES = new Set([
  'file_id',
  'file_ids',
  'input_file_id',
  'training_file',
  'validation_file',
  'previous_response_id',
  'conversation',
  'conversation_id',
  'vector_store_id',
  'vector_store_ids',
  'fileSearchStoreNames',
  'file_search_store_names',
  'container',
  'container_id',
  // Gemini
  'cachedContent',
  'cached_content',
  'fileUri',
  'file_uri',
  'fileName',
  'file_name',
]);

const NEEDLES = [
  '_id',
  'container',
  '_file"',
  'conversation',
  'cached',
  'fileUri',
  'fileName',
  'file_uri',
  'file_name',
  'fileSearchStore',
  'file_search_store',
  'item_reference',
  // A name may be written with escapes.
  '\\u00',
].map(text => Buffer.from(text));

/** Where a client's own words stand, in which such names mean other things. */
const OPAQUE = new Set([
  'metadata',
  'labels',
  // Schemas
  'input_schema',
  'parameters',
  'parametersJsonSchema',
  'response_format',
  'responseSchema',
  'schema',
  // What tools were called with and answered, in the API of Gemini
  'functionCall',
  'function_call',
]);

/** In the API of Gemini, what a tool answered, beside which it may have files. */
const FUNCTION_RESPONSE = new Set(['functionResponse', 'function_response']);

/** Files of Gemini are known by an URL, in which nothing else may be a file. */
const GOOGLE_FILE = /^(?:(?!\/files\/)[^?#])*\/(files\/[A-Za-z0-9_-]+)$/;

/** Deeper than any API nests. */
const MAX_DEPTH = 64;

/**
 * Ids of things at the provider that a request refers to. The provider's keys
 * are everybody's, so it would let anybody use them.
 *
 * @param json - the request as bytes, which most often show that there is nothing
 * @param body - the same, parsed
 */
export function referencesIn(json: Buffer, body: Fields): Reference[] {
  const found = [...storedItems(body), ...storedContexts(body)];
  if (NEEDLES.some(needle => json.includes(needle))) {
    collect(body, found, 0);
  }
  return found;
}

/** Parts of stored responses, which the Responses API takes by their ids; the type may be left out then. */
function storedItems({ input }: Fields): Reference[] {
  return itemsOf(input)
    .map(fieldsOf)
    .filter(
      ({ type, role, content }) =>
        type === 'item_reference' ||
        !(isGiven(type) || isGiven(role) || isGiven(content)),
    )
    .flatMap(({ id }) => idsOf('item_reference', id));
}

/**
 * What a provider puts in front of the conversation: prompts with their tools, of
 * OpenAI, and threads, of Anthropic.
 */
function storedContexts({ prompt, thread }: Fields): Reference[] {
  return [
    ...idsOf('prompt', fieldsOf(prompt).id),
    ...idsOf('thread', fieldsOf(thread).previous_message_id),
  ];
}

function collect(value: unknown, found: Reference[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return;
  }
  if (Array.isArray(value)) {
    value.forEach(item => collect(item, found, depth + 1));
    return;
  }
  // Arguments of a tool, in the API of Anthropic.
  const isToolUse =
    depth > 0 && /tool_use$/.test(textOf((value as Fields).type) ?? '');
  for (const [name, inner] of Object.entries(value)) {
    if (NAMES.has(name)) {
      found.push(...idsOf(name, inner));
    }
    if (FUNCTION_RESPONSE.has(name)) {
      collect(fieldsOf(inner).parts, found, depth + 1);
      continue;
    }
    const isOpaque = OPAQUE.has(name) || (isToolUse && name === 'input');
    if (typeof inner === 'object' && !isOpaque) {
      collect(inner, found, depth + 1);
    }
  }
}

function idsOf(name: string, value: unknown): Reference[] {
  if (Array.isArray(value)) {
    return value.flatMap(item => idsOf(name, item));
  }
  const id = typeof value === 'string' ? value : (fieldsOf(value).id as string);
  if (typeof id !== 'string' || id === '' || id === 'auto') {
    return [];
  }
  if (/^file_?uri$/i.test(name)) {
    const [, file] = GOOGLE_FILE.exec(id) ?? [];
    return isElsewhere(id) ? [] : [{ name, id: file ?? id }];
  }
  return [{ name, id }];
}

/** Whether an URL leads to something that is no file of the provider, such as a video. */
function isElsewhere(uri: string): boolean {
  const url = URL.parse(uri);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    !/(^|\.)googleapis\.com\.?$/.test(url.hostname) &&
    // Through a gateway, files have other hosts.
    !/%|\/files\//i.test(url.pathname)
  );
}
