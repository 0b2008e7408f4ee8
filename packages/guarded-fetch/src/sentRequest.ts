import type { Dispatcher } from 'undici';
import { ENCODINGS } from './Answer';

/** What `fetch` sends along by itself; some servers answer nobody without a name. */
const DEFAULTS = [
  ['accept', '*/*'],
  ['accept-encoding', ENCODINGS],
  ['user-agent', 'prompt-corner'],
];

/** What a request is to undici's dispatcher. */
export type SentRequest = Pick<
  Dispatcher.DispatchOptions,
  'origin' | 'path' | 'method' | 'headers' | 'body'
>;

/** Translates what `fetch` takes. A body that is no text and no bytes is read first. */
export async function toSentRequest(
  url: URL,
  init: RequestInit,
): Promise<SentRequest> {
  const { body } = init;
  if (body && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    return toSentRequest(url, await withBytes(url, init));
  }
  const given =
    init.headers instanceof Headers ? init.headers : new Headers(init.headers);
  const headers: string[] = [];
  for (const [name, value] of given) {
    headers.push(name, value);
  }
  for (const [name, value] of DEFAULTS) {
    if (!given.has(name)) {
      headers.push(name, value);
    }
  }
  if (typeof body === 'string' && !given.has('content-type')) {
    headers.push('content-type', 'text/plain;charset=UTF-8');
  }
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: (init.method ?? 'GET').toUpperCase() as Dispatcher.HttpMethod,
    headers,
    body: body ?? null,
  };
}

/** Forms and the like bring a content type of their own. */
async function withBytes(
  url: URL,
  { method, headers, body }: RequestInit,
): Promise<RequestInit> {
  const request = new Request(url, {
    method,
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  return {
    method,
    headers: request.headers,
    body: new Uint8Array(await request.arrayBuffer()),
  };
}
