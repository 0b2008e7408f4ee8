import { isUtf8 } from 'node:buffer';
import { membersOf } from '../json';
import { Fields, fieldsOf, operationOf, textOf } from '../wire';
import { CustomIds, invalidBatch } from './CustomIds';
import { elementsOf } from './elements';
import type { BatchEntry } from './ModelBatch';

const NEWLINE = 0x0a;

/**
 * The requests of a batch of Anthropic's (`POST /v1/messages/batches`).
 *
 * @param json - the body
 * @throws RefusedError while they are read, naming the one that is wrong
 */
export function* anthropicEntries(json: Buffer): Generator<BatchEntry> {
  const ids = new CustomIds();
  let number = 0;
  for (const element of elementsOf(json, 'requests')) {
    const place = `Request ${++number}`;
    const fields = parsed(element, place);
    checkMembers(fields, ['custom_id', 'params'], place);
    yield {
      customId: ids.take(fields.custom_id, place),
      path: '/messages',
      format: 'anthropic-messages',
      json: memberOf(element, 'params', place),
      body: fieldsOf(fields.params),
    };
  }
}

/**
 * The requests in a file for a batch of OpenAI's: a JSON object in each line.
 *
 * @param file - its content
 * @throws RefusedError while they are read, naming the line that is wrong
 */
export function* openAiEntries(
  file: Buffer,
): Generator<BatchEntry & { url: string }> {
  const ids = new CustomIds();
  let common: string | undefined;
  for (const { line, number } of linesOf(file)) {
    const place = `Line ${number}`;
    const fields = parsed(line, place);
    checkMembers(fields, ['custom_id', 'method', 'url', 'body'], place);
    const customId = ids.take(fields.custom_id, place);
    const url = textOf(fields.url) ?? '';
    const operation =
      fields.method === 'POST' && url.startsWith('/v1/')
        ? operationOf('openai', 'POST', url)
        : undefined;
    if (operation?.kind !== 'inference') {
      throw invalidBatch(
        `${place} has the method and URL "${String(fields.method).slice(
          0,
          16,
        )} ${url.slice(
          0,
          128,
        )}"; expected POST and one that asks a model, such as /v1/responses`,
      );
    }
    common ??= url;
    if (url !== common) {
      throw invalidBatch(
        `${place} is for ${url}, and the lines before for ${common}. A batch is for one URL`,
      );
    }
    yield {
      customId,
      url,
      path: operation.path,
      format: operation.format,
      json: memberOf(line, 'body', place),
      body: fieldsOf(fields.body),
    };
  }
}

function* linesOf(file: Buffer): Generator<{ line: Buffer; number: number }> {
  let start = 0;
  for (let number = 1; start < file.length; number++) {
    const newline = file.indexOf(NEWLINE, start);
    const end = newline < 0 ? file.length : newline;
    const line = file.subarray(start, end);
    start = end + 1;
    if (!isBlank(line)) {
      yield { line, number };
    }
  }
}

function isBlank(line: Buffer): boolean {
  return line.every(byte => byte <= 0x20);
}

function parsed(json: Buffer, place: string): Fields {
  if (!isUtf8(json)) {
    // What is checked would not be what the provider reads.
    throw invalidBatch(`${place} is not in UTF-8`);
  }
  try {
    const value = JSON.parse(json.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value;
    }
  } catch {
    // Told below.
  }
  throw invalidBatch(`${place} is no JSON object`);
}

function checkMembers(fields: Fields, known: string[], place: string): void {
  const other = Object.keys(fields).find(name => !known.includes(name));
  if (other !== undefined) {
    throw invalidBatch(
      `${place} has "${other.slice(0, 64)}"; known are ${known.join(', ')}`,
    );
  }
}

/** @throws AmbiguousJsonError when a member appears twice */
function memberOf(json: Buffer, name: string, place: string): Buffer {
  const member = membersOf(json)!.byName.get(name);
  const value = member && json.subarray(member.valueStart, member.valueEnd);
  if (value?.[0] !== 0x7b) {
    throw invalidBatch(`${place} has no object "${name}"`);
  }
  return value;
}
