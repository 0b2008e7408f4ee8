import { InputError } from '@backstage/errors';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Where to send a request again that was redirected.
 *
 * @returns undefined when the answer is no redirect
 * @throws InputError when it leads to another origin, or the request cannot be
 *   sent again as it was
 */
export function redirectOf(
  url: URL,
  init: RequestInit,
  answer: { status: number; headers: { get(name: string): string | null } },
): URL | undefined {
  const location = answer.headers.get('location');
  if (!REDIRECTS.has(answer.status) || location === null) {
    return undefined;
  }
  const target = URL.parse(location, url);
  // Another host, port or scheme would get headers that were meant for this one.
  if (target?.origin !== url.origin) {
    throw new InputError(
      `${url.origin} redirects to another origin, which is not followed; use the URL to which it leads`,
    );
  }
  const method = init.method?.toUpperCase() ?? 'GET';
  const keepsMethod = answer.status === 307 || answer.status === 308;
  if (method !== 'GET' && method !== 'HEAD' && !keepsMethod) {
    throw new InputError(
      `${url.origin} redirects a ${method} request with status ${answer.status}, which would lose its body`,
    );
  }
  if (init.body instanceof ReadableStream) {
    throw new InputError(
      `${url.origin} redirects a request whose body cannot be sent again`,
    );
  }
  target.hash = '';
  return target;
}
