import { Fields, fieldsOf, isGiven, textOf } from '../fields';

/** Types of parts, as the APIs name them. */
const PART_TYPES = new Map([
  ['image', 'image'],
  ['image_url', 'image'],
  ['input_image', 'image'],
  ['computer_screenshot', 'image'],
  ['document', 'file'],
  ['file', 'file'],
  ['input_file', 'file'],
  ['container_upload', 'file'],
  ['input_audio', 'audio'],
  ['audio_url', 'audio'],
  ['audio', 'audio'],
  ['video_url', 'video'],
]);

/** Where parts have parts: messages, results of tools, documents. */
const WITHIN = [
  'content',
  'parts',
  'output',
  'source',
  'functionResponse',
  'function_response',
];

/** Deeper than any API nests parts. */
const MAX_PART_DEPTH = 16;

/** Kinds of content besides text in messages of any format. */
export function modalitiesOf(...messages: unknown[]): string[] {
  const found = new Set<string>();
  collectModalities(messages, found, 0);
  return [...found];
}

function collectModalities(
  value: unknown,
  found: Set<string>,
  depth: number,
): void {
  if (typeof value !== 'object' || value === null || depth > MAX_PART_DEPTH) {
    return;
  }
  if (Array.isArray(value)) {
    value.forEach(item => collectModalities(item, found, depth + 1));
    return;
  }
  const fields = value as Fields;
  const kind =
    PART_TYPES.get(typeOf(fields)) ??
    mediaOf(fields.inlineData ?? fields.inline_data) ??
    mediaOf(fields.fileData ?? fields.file_data);
  if (kind) {
    found.add(kind);
  }
  for (const name of WITHIN) {
    collectModalities(fields[name], found, depth + 1);
  }
}

/** Some servers tell the type of a part by its member (vLLM). */
function typeOf(part: Fields): string {
  return isGiven(part.type)
    ? textOf(part.type) ?? ''
    : Object.keys(part).find(
        name => PART_TYPES.has(name) && isGiven(part[name]),
      ) ?? '';
}

function mediaOf(data: unknown): string | undefined {
  const { mimeType, mime_type } = fieldsOf(data);
  const type = textOf(mimeType ?? mime_type);
  const [, media] = /^(image|audio|video)\//.exec(type ?? '') ?? [];
  return media ?? (isGiven(data) ? 'file' : undefined);
}
