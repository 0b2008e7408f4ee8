import {
  dataUrlTokens,
  decodedBytes,
  DOCUMENT_TOKENS,
  IMAGE_TOKENS,
  mediaTokens,
} from './media';
import { TextEstimate } from './TextEstimate';

type JsonObject = Record<string, unknown>;

// What frames a message, and a tool.
const MESSAGE_TOKENS = 4;
const TOOL_TOKENS = 8;

// Fields that say how to read others, and are no text of the prompt.
const ENVELOPE = new Set([
  'type',
  'role',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'cache_control',
  'status',
  'detail',
  'media_type',
  'mimeType',
  'mime_type',
  'file_id',
]);

// Sealed reasoning that clients send back. It is about as long as what it seals, in base64.
const SEALED = new Set([
  'encrypted_content',
  'signature',
  'thoughtSignature',
  'thought_signature',
]);
const SEALED_CHARACTERS = 4;

// What a model reads as JSON, keys and all.
const READ_AS_JSON = new Set(['arguments', 'args', 'response', 'parameters']);

// A document nested deeper than this is counted no further.
const MAX_DEPTH = 64;

/** Adds up the tokens of parts of a prompt. */
export class PromptEstimate {
  readonly #text = new TextEstimate();
  #others = 0;

  /** So far; not rounded. */
  get tokens(): number {
    return this.#text.tokens + this.#others;
  }

  /** Adds messages, or whatever they consist of. */
  addContent(value: unknown, depth = 0): void {
    if (typeof value === 'string') {
      this.#addString(value);
    } else if (typeof value === 'number') {
      // Prompts and inputs may come as tokens.
      this.#others += 1;
    } else if (depth > MAX_DEPTH) {
      this.#others += DOCUMENT_TOKENS;
    } else if (Array.isArray(value)) {
      for (const item of value) {
        this.addContent(item, depth + 1);
      }
    } else if (typeof value === 'object' && value !== null) {
      this.#addObject(value as JsonObject, depth);
    }
  }

  #addString(text: string): void {
    const media = dataUrlTokens(text);
    if (media === undefined) {
      this.#text.addText(text);
    } else {
      this.#others += media;
    }
  }

  #addObject(object: JsonObject, depth: number): void {
    if (typeof object.role === 'string') {
      this.#others += MESSAGE_TOKENS;
    }
    const media = mediaOf(object);
    if (media !== undefined) {
      this.#others += media;
      return;
    }
    for (const [key, value] of Object.entries(object)) {
      if (ENVELOPE.has(key)) {
        continue;
      }
      if (typeof value === 'string' && isSealed(object, key)) {
        this.#others += value.length / SEALED_CHARACTERS;
      } else if (isJson(object, key) && typeof value !== 'string') {
        this.addJson(value, depth + 1);
      } else {
        this.addContent(value, depth + 1);
      }
    }
  }

  /** Adds definitions of tools. */
  addTools(tools: unknown): void {
    this.#others += TOOL_TOKENS * (Array.isArray(tools) ? tools.length : 1);
    this.addJson(tools);
  }

  /** Adds a value that the model reads as JSON. */
  addJson(value: unknown, depth = 0): void {
    if (depth > MAX_DEPTH) {
      this.#others += DOCUMENT_TOKENS;
    } else if (Array.isArray(value)) {
      for (const item of value) {
        this.#text.addText(', ');
        this.addJson(item, depth + 1);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        this.#text.addText('", "');
        this.#text.addText(key);
        this.#text.addText('": {');
        this.addJson(item, depth + 1);
      }
    } else if (typeof value === 'string') {
      this.#addString(value);
    } else {
      this.#text.addText(String(value));
    }
  }
}

function isSealed(object: JsonObject, key: string): boolean {
  return (
    SEALED.has(key) || (key === 'data' && object.type === 'redacted_thinking')
  );
}

function isJson(object: JsonObject, key: string): boolean {
  return (
    READ_AS_JSON.has(key) ||
    (key === 'input' && /tool_use$/.test(String(object.type)))
  );
}

/** Tokens of an object that is a picture, a recording or a file; undefined when it is none. */
function mediaOf(object: JsonObject): number | undefined {
  switch (object.type) {
    // Claude: pictures and documents by URL or id.
    case 'image':
    case 'document':
      return isReference(object.source)
        ? referenceTokens(object.type)
        : undefined;
    // OpenAI, whether as `data:` URL, link or id.
    case 'image_url':
    case 'input_image':
      return IMAGE_TOKENS;
    case 'input_file':
    case 'file':
      return fileTokens((object.file ?? object) as JsonObject);
    default:
      return inlineTokens(object);
  }
}

function isReference(source: unknown): boolean {
  const type = (source as JsonObject | undefined)?.type;
  return type === 'url' || type === 'file';
}

function referenceTokens(type: 'image' | 'document'): number {
  return type === 'image' ? IMAGE_TOKENS : DOCUMENT_TOKENS;
}

function fileTokens(file: JsonObject): number {
  const data = file.file_data;
  if (typeof data !== 'string') {
    return DOCUMENT_TOKENS;
  }
  return dataUrlTokens(data) ?? mediaTokens('', decodedBytes(data.length));
}

// `source` of Claude, `inlineData` and `fileData` of Gemini, `input_audio` of OpenAI.
function inlineTokens(object: JsonObject): number | undefined {
  const { data } = object;
  const mediaType =
    object.media_type ?? object.mimeType ?? object.mime_type ?? object.format;
  if (typeof mediaType !== 'string' || object.type === 'text') {
    return undefined;
  }
  if (typeof data === 'string') {
    const isFormat = object.format !== undefined;
    return mediaTokens(
      isFormat ? `audio/${mediaType}` : mediaType,
      decodedBytes(data.length),
    );
  }
  return object.fileUri ?? object.file_uri
    ? mediaTokens(mediaType, 0)
    : undefined;
}
