import type { Request } from 'express';

/** A session would let one user's sign-in answer for another's authorization request. */
const SESSION_COOKIE =
  /(?:^|;\s*)(?:__Secure-)?agent-auth-session(?:\.sig)?=[^;]*/g;

/**
 * Makes a request look to the library as the client sent it, whatever proxies
 * did to it on the way: URLs are always made from the issuer, never from
 * headers, so that nobody can have codes sent elsewhere by forging a `Host` or
 * `X-Forwarded-*` header.
 */
export function asExternalRequest(request: Request, issuer: string): void {
  const { host, protocol, pathname } = new URL(issuer);
  const { headers } = request;
  headers.host = host;
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-proto'] = protocol.replace(':', '');
  // Express knows which proxies to trust (backend.trustProxy).
  headers['x-forwarded-for'] = request.ip;
  delete headers.forwarded;
  request.originalUrl = `${pathname.replace(/\/$/, '')}${request.url}`;
  if (headers.cookie) {
    headers.cookie = headers.cookie.replace(SESSION_COOKIE, '');
  }
}
