import type { Response } from 'express';
import { DPOP_ALGORITHMS } from '../dpop';
import {
  AgentAuthenticationError,
  InsufficientScopeError,
  TooManyRequestsError,
} from './errors';
import { metadataUrlOf } from './protectedResource';

type Parameters = Record<string, string | undefined>;

/**
 * Answers a request that authentication refused, so that the client knows how
 * to get in: 401 with where to get a token, 403 with the scopes to ask for
 * (RFC 6750, section 3; RFC 9728, section 5.1; RFC 9449, section 7.1), or 429
 * with the seconds to wait (RFC 6585, section 4).
 *
 * @returns false, and answers nothing, when the error is another one
 * @public
 */
export function sendAuthError(
  response: Response,
  error: unknown,
  options: {
    /** URL of the resource that was asked for. */
    resource: string;
    /** That a client without a token should ask for. */
    scopes?: string[];
  },
): boolean {
  const metadata = { resource_metadata: metadataUrlOf(options.resource) };
  if (error instanceof InsufficientScopeError) {
    const refusal = {
      error: 'insufficient_scope',
      error_description: error.message,
      scope: error.required.join(' '),
    };
    send(response.status(403), { ...metadata, ...refusal }, refusal);
    return true;
  }
  if (error instanceof TooManyRequestsError) {
    // Without a challenge, which would make a client throw its token away.
    response
      .status(429)
      .set('retry-after', String(error.retryAfterSeconds))
      .json({ error: 'too_many_requests', error_description: error.message });
    return true;
  }
  if (!(error instanceof AgentAuthenticationError)) {
    return false;
  }
  const scope = options.scopes?.join(' ');
  const error_description = error.message;
  response.status(401);
  switch (error.code) {
    case 'missing_token':
      // Without an error, which would tell a client that its token is at fault (RFC 6750, section 3.1).
      send(
        response,
        { ...metadata, scope },
        { error: 'unauthorized', error_description },
      );
      break;
    case 'invalid_dpop_proof':
      send(
        response,
        { ...metadata, scope },
        { error: error.code, error_description },
      );
      break;
    default: {
      const refusal = { error: error.code, error_description };
      send(response, { ...metadata, ...refusal, scope }, refusal);
    }
  }
  return true;
}

/** Bearer comes first: clients that know no other scheme read only the first challenge. */
function send(
  response: Response,
  parameters: Parameters,
  body: { error: string; error_description: string },
): void {
  const challenges = [challenge('Bearer', parameters)];
  if (body.error === 'invalid_dpop_proof' || usesDpop(response)) {
    challenges.push(
      challenge('DPoP', {
        algs: DPOP_ALGORITHMS.join(' '),
        ...parameters,
        ...(body.error === 'invalid_dpop_proof'
          ? { error: body.error, error_description: body.error_description }
          : {}),
      }),
    );
  }
  response.set('www-authenticate', challenges).json({
    error: body.error,
    error_description: body.error_description,
  });
}

function usesDpop({ req }: Response): boolean {
  return (
    req.headers.dpop !== undefined ||
    /^dpop /i.test(req.headers.authorization ?? '')
  );
}

function challenge(scheme: string, parameters: Parameters): string {
  const quoted = Object.entries(parameters)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}="${quotable(value!)}"`);
  return `${scheme} ${quoted.join(', ')}`;
}

/** RFC 6750 allows no more than this in a quoted string, so nothing can end it. */
function quotable(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ');
}
