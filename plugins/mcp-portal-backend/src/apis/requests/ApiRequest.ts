import { InputError } from '@backstage/errors';
import { isRecord } from '../../json/isRecord';
import type { ApiOperation, ApiSpecification } from '../specification';
import { bodyText } from './bodyText';
import { headerOf, queryOf } from './serialise';

/** What a request of code is, as policy and guardrails see it. */
export interface ApiArguments extends Record<string, unknown> {
  method: string;
  /** Below the base URL, encoded in the one way that the portal writes it. */
  path: string;
  /** Of the path. */
  parameters: Record<string, string>;
  query?: Record<string, unknown>;
  headers?: Record<string, unknown>;
  body?: unknown;
}

/** What is sent. */
export interface OutgoingRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Finds out which operation a request of code is.
 *
 * @param given - what code gave: anything
 * @throws InputError when it is none, or cannot be sent
 */
export function readRequest(
  api: ApiSpecification,
  given: Record<string, unknown>,
): { operation: ApiOperation; arguments: ApiArguments } {
  const { method = 'GET', path, query, headers, body, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new InputError(
      `request takes method, path, query, headers and body, and not ${unknown.slice(
        0,
        100,
      )}`,
    );
  }
  if (typeof method !== 'string' || typeof path !== 'string') {
    throw new InputError('method and path have to be texts');
  }
  const { operation, parameters } = api.find(method, path);
  const args: ApiArguments = {
    method: operation.method,
    path: operation.template.fill(parameters),
    parameters: { ...parameters },
    ...(query !== undefined && { query: recordOf(query, 'query') }),
    ...(headers !== undefined && { headers: recordOf(headers, 'headers') }),
    ...(body !== undefined && { body }),
  };
  return { operation, arguments: args };
}

/**
 * Makes the request that some arguments of an operation mean.
 *
 * @param base - URL that an approver approved
 * @throws InputError when it would not be a request of that operation, or cannot be written
 */
export function outgoingRequest(
  api: ApiSpecification,
  operation: ApiOperation,
  args: Record<string, unknown>,
  base: string,
): OutgoingRequest {
  const parameters = textsOf(args.parameters);
  const path = operation.template.fill(parameters);
  // Guardrails may have changed what was decided about.
  if (
    args.method !== operation.method ||
    args.path !== path ||
    api.find(operation.method, path).operation !== operation
  ) {
    throw new InputError(
      `method, path and parameters are not of one request of ${operation.key}`,
    );
  }
  const url = urlBelow(base, path);
  url.search = queryOf(operation, recordOf(args.query ?? {}, 'query'));
  const body = bodyText(operation, args.body);
  return {
    url,
    method: operation.method,
    headers: {
      accept: 'application/json, */*;q=0.5',
      ...headerOf(operation, recordOf(args.headers ?? {}, 'headers')),
      ...(body !== undefined && { 'content-type': operation.bodyType! }),
    },
    body,
  };
}

/** @throws InputError when the path would lead anywhere else than below the base */
function urlBelow(base: string, path: string): URL {
  const { origin, pathname } = new URL(base);
  const wanted = `${pathname.replace(/\/$/, '')}${path}`;
  const url = new URL(`${origin}${wanted}`);
  if (url.origin !== origin || url.pathname !== wanted) {
    throw new InputError('path cannot be written in a URL');
  }
  return url;
}

function textsOf(value: unknown): Record<string, string> {
  const texts = recordOf(value ?? {}, 'parameters');
  for (const text of Object.values(texts)) {
    if (typeof text !== 'string' || text === '') {
      throw new InputError('parameters have to be texts that are not empty');
    }
  }
  return texts as Record<string, string>;
}

function recordOf(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) {
    throw new InputError(`${name} has to be an object`);
  }
  return value;
}
