import { InputError } from '@backstage/errors';
import { isRecord } from '../../json/isRecord';
import type { ApiOperation } from '../specification';

/**
 * With which some servers take a request for one of another method: `_method`,
 * and what they read as that, such as `.method` (PHP) and `[_method]` (Rack).
 */
const METHOD_OVERRIDE = /^[^a-z0-9]+(http_?)?method[^a-z0-9]*$/i;

/**
 * The body of a request, written in the media type of its operation.
 *
 * @throws InputError when the operation takes none, or not this one
 */
export function bodyText(
  { key, bodyType, bodyProperties }: ApiOperation,
  body: unknown,
): string | undefined {
  if (body === undefined) {
    return undefined;
  }
  if (bodyType === undefined) {
    throw new InputError(`${key} takes no body that can be written here`);
  }
  const override =
    isRecord(body) &&
    Object.keys(body).find(
      name => METHOD_OVERRIDE.test(name) && !bodyProperties.has(name),
    );
  if (override) {
    throw new InputError(`The body of ${key} has no property ${override}`);
  }
  if (/^text\//i.test(bodyType)) {
    if (typeof body !== 'string') {
      throw new InputError(`The body of ${key} has to be a text`);
    }
    return body;
  }
  return /urlencoded/i.test(bodyType)
    ? formText(key, body)
    : JSON.stringify(body);
}

function formText(key: string, body: unknown): string {
  if (!isRecord(body)) {
    throw new InputError(`The body of ${key} has to be an object`);
  }
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      form.append(
        name,
        typeof item === 'object' && item !== null
          ? JSON.stringify(item)
          : String(item ?? ''),
      );
    }
  }
  return form.toString();
}
