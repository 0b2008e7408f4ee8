import { InputError } from '@backstage/errors';
import type { ApiOperation } from './ApiOperation';
import type { PathTemplate } from './PathTemplate';

const MAX_PATH = 2_000;

/** Servers in between may decode more than once. */
const MAX_DECODED = 3;

/** What a path can mean, whether it can be requested or not. */
export type DescribedOperation = Pick<
  ApiOperation,
  'key' | 'method' | 'template'
>;

/** An operation, and what a path says of its parameters. */
export interface FoundOperation<T extends DescribedOperation = ApiOperation> {
  operation: T;
  parameters: Record<string, string>;
}

/**
 * The operation that a request with a method and path is.
 *
 * Nobody knows how a server reads an odd path: with slashes and dots decoded
 * twice, without what follows a semicolon, with small letters for capital ones.
 * A path that would be another operation, or none, in one of these readings is
 * refused: what was decided about is what happens.
 *
 * @param path - below the base URL, percent-encoded where it has to be
 * @throws InputError when there is none, or it could be taken for another
 */
export function findOperation<T extends DescribedOperation>(
  operations: readonly T[],
  method: string,
  path: string,
): FoundOperation<T> {
  if (path.length > MAX_PATH || !/^\/[^?#\\\p{Cc}\p{Cs}]*$/u.test(path)) {
    throw new InputError(
      'path has to begin with / and to have neither ? nor # nor \\; give the query by itself',
    );
  }
  const candidates = operations.filter(
    operation => operation.method === method.toUpperCase(),
  );
  const segments = path.slice(1).split('/').map(decoded);
  const found = best(candidates, segments, true);
  if (!found) {
    throw new InputError(
      `There is no operation ${method.toUpperCase()} ${path.slice(0, 200)}`,
    );
  }
  for (const reading of readingsOf(path)) {
    if (reading.some(leadsElsewhere) || endsByItself(reading, path)) {
      throw new InputError(
        'path has empty or dot segments, which servers read in different ways',
      );
    }
    const other = best(candidates, reading, false);
    if (other && other.operation !== found.operation) {
      throw new InputError(
        `path could be taken for ${other.operation.key} by the server; choose other parameters`,
      );
    }
  }
  return found;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new InputError('path has a % that encodes nothing; write it as %25');
  }
}

/** @returns the only one that fits, or the one that is more concrete than all others */
function best<T extends DescribedOperation>(
  candidates: T[],
  segments: string[],
  exactly: boolean,
): FoundOperation<T> | undefined {
  const fitting = candidates.flatMap(operation => {
    const parameters = operation.template.match(segments, exactly);
    return parameters ? [{ operation, parameters }] : [];
  });
  const winner = fitting.find(({ operation }) =>
    fitting.every(
      other =>
        other.operation === operation ||
        isBefore(operation.template, other.operation.template),
    ),
  );
  if (fitting.length && !winner) {
    throw new InputError(
      `path fits ${fitting
        .slice(0, 3)
        .map(({ operation }) => operation.key)
        .join(' and ')}, and nobody can tell which of them is meant`,
    );
  }
  return winner;
}

function isBefore(one: PathTemplate, other: PathTemplate): boolean {
  return one.isMoreConcreteThan(other) && !other.isMoreConcreteThan(one);
}

/** The ways in which servers may read a path, all further decoded or cut. */
function readingsOf(path: string): string[][] {
  const readings: string[][] = [];
  let text = path;
  for (let times = 0; times <= MAX_DECODED; times++) {
    const segments = text.slice(1).split(/[/\\]/);
    readings.push(segments);
    // Path parameters, which servers of Java cut off.
    readings.push(segments.map(segment => segment.replace(/;.*$/s, '')));
    // A query or fragment, for proxies that pass on what they have decoded.
    readings.push(
      text
        .replace(/[?#].*$/s, '')
        .slice(1)
        .split(/[/\\]/),
    );
    const next = decodedOnce(text);
    if (next === text) {
      return readings;
    }
    text = next;
  }
  throw new InputError('path is encoded too often');
}

/** What can be decoded of it, as lenient servers do. */
function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%[0-7][0-9a-f]/gi, code =>
      String.fromCharCode(parseInt(code.slice(1), 16)),
    );
  }
}

function leadsElsewhere(
  segment: string,
  index: number,
  all: string[],
): boolean {
  const isLast = index === all.length - 1;
  return (
    /^\.{1,2}$/.test(segment) ||
    /\p{Cc}/u.test(segment) ||
    (segment === '' && !isLast)
  );
}

/** Whether there is a slash at the end that the path itself does not have. */
function endsByItself(reading: string[], path: string): boolean {
  return reading.at(-1) === '' && !path.endsWith('/');
}
