import { InputError } from '@backstage/errors';
import { isLoopbackHttp } from '../../loopback/loopback';

const MAX_LENGTH = 2_000;

/** Whether a client id claims to be the URL of a document. Others are not for this folder. */
export function isUrlClientId(clientId: string): boolean {
  return /^https?:/i.test(clientId);
}

/**
 * Checks a client id that is a URL (draft-ietf-oauth-client-id-metadata-document,
 * section 3).
 *
 * Only the normal form of a URL is accepted, so that whatever compares ids,
 * matches them against patterns or connects sees the same host and path. That
 * leaves no dot segments, no addresses in decimal, octal or hexadecimal, no
 * other scripts' letters in host names, and no control characters.
 *
 * @param options.allowLoopback - whether `http` to this machine is accepted, for development
 * @throws InputError with what is wrong
 */
export function parseClientIdUrl(
  clientId: string,
  options: { allowLoopback: boolean },
): URL {
  if (clientId.length > MAX_LENGTH) {
    throw invalid(`has more than ${MAX_LENGTH} characters`);
  }
  const url = URL.parse(clientId);
  if (!url) {
    throw invalid('is not a URL');
  }
  const isLoopback = options.allowLoopback && isLoopbackHttp(url);
  if (url.protocol !== 'https:' && !isLoopback) {
    throw invalid('does not start with https://');
  }
  if (url.username || url.password) {
    throw invalid('contains a user name or password');
  }
  // An empty fragment or query leaves no trace in the parsed parts.
  if (clientId.includes('#')) {
    throw invalid('has a fragment');
  }
  if (clientId.includes('?')) {
    throw invalid('has a query');
  }
  if (url.pathname === '/') {
    throw invalid('has no path');
  }
  // A server may decode them into the segments that the normal form excludes.
  if (/%2e|%2f|%5c|%00/i.test(url.pathname)) {
    throw invalid('has an encoded dot, slash, backslash or NUL in its path');
  }
  if (url.hostname.endsWith('.')) {
    throw invalid('has a host name that ends with a dot');
  }
  if (url.href !== clientId) {
    throw invalid('is not in normal form');
  }
  return url;
}

function invalid(problem: string): InputError {
  return new InputError(
    `The client id ${problem}; expected the https URL of a client metadata document`,
  );
}
