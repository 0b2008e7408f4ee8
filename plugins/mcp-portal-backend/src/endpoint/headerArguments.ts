import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../json/isRecord';

/** Before a value that cannot be a header as it is. */
const ENCODED = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** `HeaderMismatch` of protocol revision 2026-07-28. */
export const HEADER_MISMATCH = -32020;

/**
 * Compares the arguments of a tool call that are sent as headers too
 * (`x-mcp-header` in the schema, protocol revision 2026-07-28, SEP-2243) with
 * these headers. Whatever stands between client and portal may have decided by
 * the headers, so that they must say the same.
 *
 * @param schema - `inputSchema` of the tool
 * @returns what is wrong; undefined when nothing is
 */
export function headerProblem(
  schema: unknown,
  args: unknown,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (!isRecord(schema) || !isRecord(schema.properties) || !isRecord(args)) {
    return undefined;
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    const problem = isRecord(property)
      ? valueProblem(property['x-mcp-header'], value, headers) ??
        headerProblem(property, value, headers)
      : undefined;
    if (problem) {
      return problem;
    }
  }
  return undefined;
}

function valueProblem(
  suffix: unknown,
  value: unknown,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (
    typeof suffix !== 'string' ||
    !['string', 'number', 'boolean'].includes(typeof value)
  ) {
    return undefined;
  }
  const name = `Mcp-Param-${suffix}`;
  const header = headers[name.toLocaleLowerCase('en-US')];
  if (header === undefined) {
    return `The header ${name} is missing; it has to say what the arguments say`;
  }
  const decoded = decode(String(header));
  return decoded !== undefined && isSame(decoded, value)
    ? undefined
    : `The header ${name} does not say what the arguments say`;
}

function decode(header: string): string | undefined {
  if (!header.startsWith('=?base64?') || !header.endsWith('?=')) {
    return header;
  }
  const [, encoded] = ENCODED.exec(header) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  // Anything but canonical Base64 is refused.
  if (encoded === undefined || bytes.toString('base64') !== encoded) {
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isSame(header: string, value: unknown): boolean {
  return typeof value === 'number' && DECIMAL.test(header)
    ? Number(header) === value
    : header === String(value);
}
