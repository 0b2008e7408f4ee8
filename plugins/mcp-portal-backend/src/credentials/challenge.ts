import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import { SCOPE } from './settings';

/** What a server said when it refused a token (RFC 6750, section 3). */
export interface Challenge {
  error?: string;
  /** Separated by spaces. */
  scope?: string;
}

const MAX_LENGTH = 8_000;
const MAX_SCOPES = 100;

/** Reads a `WWW-Authenticate` header, which anybody may have written; what is not well-formed is left out. */
export function readChallenge(header: string | undefined): Challenge {
  if (!header || header.length > MAX_LENGTH) {
    return {};
  }
  let headers: Headers;
  try {
    headers = new Headers({ 'www-authenticate': header });
  } catch {
    return {};
  }
  const { error, scope } = extractWWWAuthenticateParams(
    new Response(null, { headers }),
  );
  const scopes = scope
    ?.split(' ')
    .filter(name => SCOPE.test(name))
    .slice(0, MAX_SCOPES);
  return { error, scope: scopes?.length ? scopes.join(' ') : undefined };
}
