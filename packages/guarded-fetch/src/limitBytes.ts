/** An answer has more bytes than are taken. */
export class TooManyBytesError extends Error {
  override name = 'TooManyBytesError';

  constructor(maxBytes: number) {
    super(`The answer has more than ${maxBytes} bytes`);
  }
}

/**
 * Passes bytes on as they come, until there are too many.
 *
 * @param tooLarge - gives the error with which reading further fails
 */
export function limitBytes(
  maxBytes: number,
  tooLarge: () => TooManyBytesError,
): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        // Cancels the request as well, so that no more is received.
        controller.error(tooLarge());
        return;
      }
      controller.enqueue(chunk);
    },
  });
}
