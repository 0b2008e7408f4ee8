import type { Request } from 'express';
import { AgentAuthenticationError } from '../challenge';
import type { TokenHeader } from './AgentAuthService';

/** As long as any header that Node.js takes by default could be divided among. */
const MAX_TOKEN_LENGTH = 4_096;

/** `token68`, the alphabet of tokens in headers (RFC 6750, section 2.1). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A token as it came. */
export interface PresentedToken {
  token: string;
  /** Whether it came as one that is bound to a key (RFC 9449, section 7.1). */
  dpop: boolean;
}

/**
 * Finds the token in a request.
 *
 * @throws AgentAuthenticationError when there is none, more than one, or something else
 */
export function presentedToken(
  request: Request,
  headers: TokenHeader[],
): PresentedToken {
  const found = headers
    .map(header => read(header, request.headers[header]))
    .filter(token => token !== undefined);
  if (found.length === 0) {
    throw new AgentAuthenticationError(
      'missing_token',
      'Sign in: send a bearer token',
    );
  }
  const { token } = found[0];
  if (found.some(other => other.token !== token)) {
    throw new AgentAuthenticationError(
      'invalid_token',
      `Different tokens came in several headers. Send one token, in one of: ${headers.join(
        ', ',
      )}`,
    );
  }
  if (token.length > MAX_TOKEN_LENGTH || !TOKEN.test(token)) {
    throw new AgentAuthenticationError(
      'invalid_token',
      'What was sent as a token is none. Sign in again',
    );
  }
  return { token, dpop: found.some(({ dpop }) => dpop) };
}

function read(
  header: TokenHeader,
  value: string | string[] | undefined,
): PresentedToken | undefined {
  if (typeof value !== 'string' || value === '') {
    return undefined;
  }
  if (header !== 'authorization') {
    return { token: value, dpop: false };
  }
  // Other schemes are nothing to us: such a client needs to be told of this one (RFC 6750, section 3.1).
  const [, scheme, token] = /^(bearer|dpop)(?: +(.*))?$/i.exec(value) ?? [];
  return scheme === undefined
    ? undefined
    : { token: token ?? '', dpop: scheme.length === 'dpop'.length };
}
