import type { ResponseCache } from '../cache';

/** Collects an answer that is to be kept, unless it is too large. */
export function keepAnswer(
  keys: string[] | undefined,
  cache: ResponseCache | undefined,
): { feed(chunk: Buffer): void; body(): Buffer | undefined } {
  if (!cache || !keys?.length) {
    return { feed: () => {}, body: () => undefined };
  }
  let chunks: Buffer[] | undefined = [];
  let length = 0;
  return {
    feed(chunk) {
      length += chunk.length;
      if (length > cache.maxAnswerBytes) {
        chunks = undefined;
      }
      chunks?.push(chunk);
    },
    body: () => chunks && Buffer.concat(chunks),
  };
}
