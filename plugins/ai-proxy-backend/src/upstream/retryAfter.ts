/**
 * For how long a provider wants to be left alone (RFC 9110, section 10.2.3; and
 * the header in milliseconds of OpenAI's and Anthropic's).
 *
 * @returns milliseconds; undefined when it does not say so
 */
export function retryAfterMs(
  headers: Record<string, string | string[] | undefined>,
  now: number = Date.now(),
): number | undefined {
  const exact = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && exact >= 0) {
    return exact;
  }
  const value = headers['retry-after'];
  if (typeof value !== 'string') {
    return undefined;
  }
  if (/^\d+(?:\.\d+)?$/.test(value.trim())) {
    return Number(value) * 1_000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
