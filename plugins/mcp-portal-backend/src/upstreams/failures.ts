import { isError } from '@backstage/errors';
import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { UnreachableHostError } from '@prompt-corner/guarded-fetch';
import type { Refusal } from './BoundedFetch';
import type { UpstreamFailure } from './errors';

/** A server may say when to come back; nobody waits for longer than this. */
const MAX_RETRY_SECONDS = 24 * 60 * 60;

/**
 * What went wrong, from what is known of an exchange.
 *
 * @param exchange - `refusal` is the last answer that was no success
 */
export function failureOf(
  exchange: { tooLarge: boolean; refusal?: Refusal },
  error: unknown,
): UpstreamFailure {
  if (exchange.tooLarge) {
    return 'too_large';
  }
  if (isTimeout(error)) {
    return 'timeout';
  }
  if (wasNotSent(error)) {
    return 'unreachable';
  }
  const status = exchange.refusal?.status;
  if (status !== undefined) {
    return ofStatus(status);
  }
  return isNonsense(error) ? 'protocol' : 'unreachable';
}

/** @returns undefined when a server does not say when to come back, or not in a sensible way (RFC 9110, section 10.2.3) */
export function retryAfterSeconds(header: string | undefined) {
  if (header === undefined) {
    return undefined;
  }
  const seconds = /^\d+$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return seconds > 0 && seconds <= MAX_RETRY_SECONDS ? seconds : undefined;
}

function ofStatus(status: number): UpstreamFailure {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 429:
      return 'busy';
    default:
      return status < 500 ? 'refused' : 'unreachable';
  }
}

/** Something was answered, which is no JSON, no JSON-RPC or no MCP. */
function isNonsense(error: unknown): boolean {
  return error instanceof SdkError
    ? error.code !== SdkErrorCode.ConnectionClosed
    : isError(error) && /^SyntaxError$|ZodError$/.test(error.name);
}

/** Whether the server gave no sign of life for too long. */
export function isTimeout(error: unknown): boolean {
  return (
    error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout
  );
}

/** Whether there was no connection on which the request could have been sent. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof UnreachableHostError && error.notSent;
}
