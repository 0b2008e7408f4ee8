import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';

/** Why the proxy does not forward a request. */
export interface Refusal {
  /** HTTP status. */
  status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 413
    | 415
    | 429
    | 499
    | 500
    | 502
    | 503
    | 504;
  /** Told to people: what is wrong, and what to do. */
  message: string;
  /** As usage counts it, such as `budget:team-month`. */
  reason: string;
  /** After which the next try may succeed, in seconds. */
  retryAfterSeconds?: number;
}

/** Thrown by stages of a request; the client is told in the words of its API. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** Types of errors as Anthropic names them (docs.anthropic.com, "Errors"). */
const ANTHROPIC_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

/** As OpenAI names them. */
const OPENAI_TYPES: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** Status names of google.rpc.Code. */
const GOOGLE_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/**
 * The body of an error, as the provider itself would write it, so that clients
 * show the message.
 */
export function errorBody(
  api: ApiName,
  { status, message, reason }: Refusal,
): object {
  switch (api) {
    case 'anthropic':
      return {
        type: 'error',
        error: {
          type:
            ANTHROPIC_TYPES[status] ??
            (status < 500 ? 'invalid_request_error' : 'api_error'),
          message,
        },
      };
    case 'google-ai-studio':
      return {
        error: {
          code: status,
          message,
          status:
            GOOGLE_STATUS[status] ??
            (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'),
        },
      };
    default:
      return {
        error: {
          message,
          type:
            OPENAI_TYPES[status] ??
            (status < 500 ? 'invalid_request_error' : 'server_error'),
          param: null,
          code: reason,
        },
      };
  }
}
