import { InputError } from '@backstage/errors';
import { isRecord } from '../../json/isRecord';
import type { ApiOperation, ApiParameter } from '../specification';

const SEPARATORS: Partial<Record<ApiParameter['style'], string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
};

/**
 * The query of a request, written as its parameters say (OpenAPI 3.1, section
 * 4.8.12). Only parameters that the operation has: some servers take another
 * method, or another user, from one that they were not meant to get.
 *
 * @throws InputError for others, and for missing ones
 */
export function queryOf(
  operation: ApiOperation,
  query: Record<string, unknown>,
): string {
  const pairs = parametersOf(operation, 'query', query).flatMap(
    ({ parameter, value }) => pairsOf(parameter, value),
  );
  // Not URLSearchParams: `+` is no space to all servers.
  return pairs.map(pair => pair.map(encodeURIComponent).join('=')).join('&');
}

/** Headers of a request, as {@link queryOf}. */
export function headerOf(
  operation: ApiOperation,
  headers: Record<string, unknown>,
): Record<string, string> {
  return Object.fromEntries(
    parametersOf(operation, 'header', headers).map(({ parameter, value }) => {
      const text = Array.isArray(value)
        ? value.map(scalar).join(',')
        : scalar(value);
      if (!/^[\x20-\x7e]*$/.test(text)) {
        throw new InputError(
          `The header ${parameter.name} may have printable ASCII characters only`,
        );
      }
      return [parameter.name.toLowerCase(), text];
    }),
  );
}

function parametersOf(
  { key, parameters }: ApiOperation,
  where: ApiParameter['in'],
  given: Record<string, unknown>,
) {
  const declared = parameters.filter(parameter => parameter.in === where);
  const names = declared.map(({ name }) => name);
  const unknown = Object.keys(given).find(name => !names.includes(name));
  if (unknown !== undefined) {
    throw new InputError(
      `${key} has no ${where} parameter ${unknown.slice(0, 100)}; it has ${
        names.slice(0, 50).join(', ') || 'none'
      }`,
    );
  }
  const missing = declared.find(
    ({ name, required }) => required && !isGiven(given, name),
  );
  if (missing) {
    throw new InputError(`${key} needs the ${where} parameter ${missing.name}`);
  }
  return declared
    .filter(({ name }) => isGiven(given, name))
    .map(parameter => ({ parameter, value: given[parameter.name] }));
}

function isGiven(given: Record<string, unknown>, name: string): boolean {
  return (
    Object.hasOwn(given, name) &&
    given[name] !== undefined &&
    given[name] !== null
  );
}

function pairsOf(
  { name, style, explode, isJson }: ApiParameter,
  value: unknown,
): string[][] {
  if (isJson) {
    return [[name, JSON.stringify(value)]];
  }
  if (Array.isArray(value)) {
    return explode
      ? value.map(item => [name, scalar(item)])
      : [[name, value.map(scalar).join(SEPARATORS[style] ?? ',')]];
  }
  if (!isRecord(value)) {
    return [[name, scalar(value)]];
  }
  const members = Object.entries(value).map(([key, member]) => [
    key,
    scalar(member),
  ]);
  if (style === 'deepObject') {
    return members.map(([key, text]) => [`${name}[${key}]`, text]);
  }
  if (explode) {
    // They would be parameters of any name.
    throw new InputError(
      `The parameter ${name} is an object, which cannot be written here`,
    );
  }
  return [[name, members.flat().join(',')]];
}

function scalar(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return JSON.stringify(value);
  }
  return String(value ?? '');
}
