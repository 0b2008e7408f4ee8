import { isLoopbackHost } from '@prompt-corner/guarded-fetch';

/** Whether a URL leads, without encryption, to this machine: nobody else hears it. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && isLoopbackHost(url.hostname);
}
