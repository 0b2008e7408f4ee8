import { InputError } from '@backstage/errors';
import { isLoopbackHost } from '@prompt-corner/guarded-fetch';
import { isLoopbackHttp } from '../loopback/loopback';

const MAX_URIS = 20;

const MAX_LENGTH = 2_000;

/**
 * Schemes on which a browser or the system acts itself, so that a code would be
 * shown, run or sent on instead of handed to the client's application.
 */
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  'about:',
  'android-app:',
  'blob:',
  'chrome:',
  'data:',
  'edge:',
  'file:',
  'filesystem:',
  'ftp:',
  'intent:',
  'itms-services:',
  'jar:',
  // eslint-disable-next-line no-script-url -- it is refused
  'javascript:',
  'ldap:',
  'mailto:',
  'resource:',
  'search:',
  'search-ms:',
  'shell:',
  'sms:',
  'ssh:',
  'tel:',
  'telnet:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
]);

/** Windows runs parts of itself by such schemes, from its settings to its installer. */
const WINDOWS_SCHEME = /^ms-/;

/** Where a client wants authorization codes to be sent. */
export interface RedirectUris {
  uris: string[];
  /** Whether at least one of them leads to an application on the user's machine. */
  native: boolean;
}

/**
 * Checks redirect URIs (RFC 7591, section 2), whoever states them: https, or
 * http on the user's machine, or a scheme of an application (RFC 8252, section 7).
 *
 * @param called - the list's name in errors
 * @throws InputError with what is wrong
 */
export function readRedirectUris(
  value: unknown,
  called = 'redirect_uris',
): RedirectUris {
  if (!Array.isArray(value) || value.length === 0) {
    throw new InputError(`${called} has to be a list with at least one URL`);
  }
  if (value.length > MAX_URIS) {
    throw new InputError(
      `${called} has ${value.length} URLs; at most ${MAX_URIS} are accepted`,
    );
  }
  const natives = value.map((uri, index) => {
    const result = checkUri(uri);
    if (typeof result === 'string') {
      throw new InputError(`${called}[${index}] ${result}`);
    }
    return result.native;
  });
  return { uris: [...new Set<string>(value)], native: natives.includes(true) };
}

/** @returns what is wrong, or what kind of client it belongs to */
function checkUri(uri: unknown): string | { native: boolean } {
  if (typeof uri !== 'string' || uri.length > MAX_LENGTH) {
    return `is not a text of at most ${MAX_LENGTH} characters`;
  }
  // A URL parser drops some of these without a word.
  if (/[^\x21-\x7e]|\\/.test(uri)) {
    return 'contains a space, a backslash or a character that is not ASCII';
  }
  const url = URL.parse(uri);
  if (!url) {
    return 'is not a URL';
  }
  if (uri.includes('#')) {
    return 'has a fragment';
  }
  if (url.username || url.password) {
    return 'contains a user name or password';
  }
  if (
    FORBIDDEN_SCHEMES.has(url.protocol) ||
    WINDOWS_SCHEME.test(url.protocol)
  ) {
    return `has the scheme ${url.protocol}, which is not accepted`;
  }
  if (url.protocol === 'http:') {
    return isLoopbackHttp(url)
      ? { native: true }
      : 'has the scheme http:, which is accepted for localhost, 127.0.0.1 and [::1] only';
  }
  if (url.protocol === 'https:') {
    return isLoopbackHost(url.hostname)
      ? 'leads to this machine by https:; use http: instead'
      : { native: false };
  }
  return { native: true };
}
