import type { IncomingHttpHeaders } from 'node:http';

/** What belongs to the connection (RFC 9110, section 7.6.1), and what tells of the account behind the key. */
const HELD_BACK = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'strict-transport-security',
  'alt-svc',
  'report-to',
  'nel',
  'content-security-policy',
  'anthropic-organization-id',
  'openai-organization',
  'openai-project',
  'www-authenticate',
  // A client that followed it would take its token along.
  'location',
  'content-location',
  'refresh',
]);

/** Whether pages elsewhere may read answers is not the provider's to say. */
const CROSS_ORIGIN = 'access-control-';

/**
 * The headers of an answer that the client gets.
 *
 * @param requestId - by which usage knows the request
 */
export function responseHeaders(
  headers: IncomingHttpHeaders,
  requestId: string,
): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  // Further ones that belong to the connection.
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  for (const name in headers) {
    if (
      !HELD_BACK.has(name) &&
      !name.startsWith(CROSS_ORIGIN) &&
      !named.includes(name)
    ) {
      passed[name] = headers[name]!;
    }
  }
  // Or Backstage's compression would hold the stream back until it is large.
  passed['cache-control'] = withNoTransform(headers['cache-control']);
  passed['x-ai-proxy-request-id'] = requestId;
  return passed;
}

function withNoTransform(directives: string | undefined): string {
  if (!directives) {
    return 'no-store, no-transform';
  }
  return /(?:^|,)\s*no-transform\s*(?:,|$)/i.test(directives)
    ? directives
    : `${directives}, no-transform`;
}
