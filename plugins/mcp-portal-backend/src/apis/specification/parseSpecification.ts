import { InputError } from '@backstage/errors';
import { parse } from 'yaml';
import { isRecord } from '../../json/isRecord';

/** GitHub's whole description has 13 MB. */
const MAX_JSON_CHARACTERS = 32_000_000;

/** It takes a second for some MB, in which nothing else is answered. */
const MAX_YAML_CHARACTERS = 6_000_000;

/** Aliases can make a small text of YAML grow without end. */
const MAX_ALIASES = 100;

/** A description of an API, of which nothing but this is known. */
export type OpenApiDocument = Record<string, unknown> & {
  paths: Record<string, unknown>;
};

/**
 * Reads the `spec.definition` of an API entity: OpenAPI 3 as JSON or YAML.
 * Whoever can register entities wrote it.
 *
 * @throws InputError that says what is wrong with it
 */
export function parseSpecification(text: unknown): OpenApiDocument {
  if (typeof text !== 'string') {
    throw new InputError('spec.definition has to be a text');
  }
  const document = parseText(text);
  if (!isRecord(document) || !isVersion(document.openapi)) {
    throw new InputError(
      'spec.definition is no OpenAPI 3 description; convert older ones first',
    );
  }
  if (!isRecord(document.paths)) {
    throw new InputError('The OpenAPI description has no paths');
  }
  return document as OpenApiDocument;
}

/** Nothing else: code is shown it, and nobody approves it. */
function isVersion(openapi: unknown): boolean {
  return (
    ['string', 'number'].includes(typeof openapi) &&
    /^3\.\d{1,2}(\.\d{1,2})?(-[a-z0-9.]{1,10})?$/.test(String(openapi))
  );
}

function parseText(text: string): unknown {
  const isJson = text.trimStart().startsWith('{');
  const limit = isJson ? MAX_JSON_CHARACTERS : MAX_YAML_CHARACTERS;
  if (text.length > limit) {
    throw new InputError(
      `spec.definition has ${text.length} characters; at most ${MAX_JSON_CHARACTERS} of JSON or ${MAX_YAML_CHARACTERS} of YAML are read`,
    );
  }
  try {
    return isJson
      ? JSON.parse(text)
      : asTree(parse(text, { maxAliasCount: MAX_ALIASES, logLevel: 'silent' }));
  } catch (error) {
    throw new InputError(
      `spec.definition is no ${isJson ? 'JSON' : 'YAML'}: ${String(
        (error as Error).message,
      ).slice(0, 200)}`,
    );
  }
}

/**
 * The same as JSON has it: aliases of YAML make circles, and one large text a hundred.
 *
 * @throws Error when it goes round in circles, or grows too large
 */
function asTree(value: unknown): unknown {
  let characters = 0;
  const json = JSON.stringify(value, (key, member) => {
    characters += key.length + (typeof member === 'string' ? member.length : 1);
    if (characters > MAX_JSON_CHARACTERS) {
      throw new Error('its aliases make it too large');
    }
    return member;
  });
  return JSON.parse(json);
}
