import { isLoopbackHttp } from '../loopback/loopback';

/** Whether what is read from a URL cannot be changed on its way. */
export function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) {
    return false;
  }
  const parsed = new URL(url);
  return parsed.protocol === 'https:' || isLoopbackHttp(parsed);
}
