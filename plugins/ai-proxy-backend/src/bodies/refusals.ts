import { RefusedError } from '../wire';

/** The refusal of what has more bytes than are taken. */
export function tooLarge(maxBytes: number): RefusedError {
  return new RefusedError({
    status: 413,
    reason: 'too_large',
    message: `The request is larger than ${maxBytes} bytes, which is the most that is taken here`,
  });
}

/** What becomes of a request whose client did not send all of it. */
export function clientGone(cause?: unknown): RefusedError {
  const error = new RefusedError({
    status: 499,
    reason: 'client_gone',
    message: 'The client went before it had sent its request',
  });
  error.cause = cause;
  return error;
}
