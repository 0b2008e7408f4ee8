/**
 * Passes bytes on as they come, until there are too many.
 *
 * @throws Error from the stream, when it is read further
 */
export function limitBytes(
  maxBytes: number,
): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        // Cancels the request as well, so that no more is received.
        controller.error(
          new Error(`The answer has more than ${maxBytes} bytes`),
        );
        return;
      }
      controller.enqueue(chunk);
    },
  });
}
