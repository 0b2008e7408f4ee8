import { subscriberOf } from '@prompt-corner/plugin-agent-auth-node';
import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** An organisation behind one address starts fewer sign-ins. */
const REQUESTS_PER_MINUTE = 300;

/** Of a query or form; the largest that a client needs has about 2 kB. */
const MAX_BYTES = 16 * 1024;

/**
 * What is not limited: it leaves a record only for who shows a code, a token or
 * a cookie. Everything else is, however it is spelled: routers ignore case and
 * a slash at the end.
 */
const UNLIMITED = [
  /^\/oauth\/authorize\/[\w-]+$/,
  /^\/(?:claude-code\/)?oauth\/(?:token|revoke|jwks)$/,
  /^\/claude-code\/\.well-known\/oauth-authorization-server$/,
];

/** Where the routes for everybody begin. */
const FOR_EVERYBODY = /^\/+(?:oauth|claude-code)(?:\/|$)/i;

/** Keeps strangers from filling the database: bounds requests of one address, and their size. */
export function anonymousLimits(): RequestHandler {
  const requests = new RateLimiterMemory({
    points: REQUESTS_PER_MINUTE,
    duration: 60,
  });
  return async (request, response, next) => {
    if (
      !FOR_EVERYBODY.test(request.path) ||
      UNLIMITED.some(path => path.test(request.path))
    ) {
      next();
      return;
    }
    const refuse = (status: number, description: string) =>
      response.status(status).json({
        error: status === 429 ? 'temporarily_unavailable' : 'invalid_request',
        error_description: description,
      });
    const length = Number(request.get('content-length') ?? 0);
    if (request.get('transfer-encoding')) {
      refuse(411, 'send the length of the request');
      return;
    }
    if (length + request.url.length > MAX_BYTES) {
      refuse(413, `the request is larger than ${MAX_BYTES} bytes`);
      return;
    }
    try {
      await requests.consume(subscriberOf(request.ip));
      next();
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) {
        next(refusal);
        return;
      }
      response.set(
        'retry-after',
        String(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))),
      );
      refuse(429, 'too many requests from this address; try again in a minute');
    }
  };
}
