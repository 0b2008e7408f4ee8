/** The key sets of the large CI systems have under 16 KiB. */
const LARGEST_ANSWER_BYTES = 256 * 1024;

/**
 * Gets a small document. Does not follow redirects: whoever can make an issuer
 * redirect must not be able to choose its keys.
 *
 * @throws Error when the answer is larger than 256 KiB, or does not come before the signal
 */
export async function fetchSmall(
  url: string,
  options: { signal: AbortSignal; headers?: Headers },
): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'manual' });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LARGEST_ANSWER_BYTES) {
      throw new Error(`${url} answered with more than 256 KiB`);
    }
    chunks.push(chunk);
  }
  return new Response(
    // Those without a body may not be given one.
    [204, 205, 304].includes(response.status) ? null : Buffer.concat(chunks),
    { status: response.status },
  );
}
