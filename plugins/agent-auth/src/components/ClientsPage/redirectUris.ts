const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const UNSAFE_SCHEMES = ['javascript', 'data', 'vbscript', 'blob', 'file'];

/** Reads redirect URIs, one a line. */
export function parseRedirectUris(typed: string): string[] {
  return [...new Set(typed.split(/\s+/).filter(Boolean))];
}

/**
 * Finds the first redirect URI that cannot be registered (RFC 8252, OAuth 2.1 section 2.3).
 * The backend decides; this is to say it while typing.
 *
 * @returns what is wrong with it, undefined if all are fine
 */
export function findRedirectProblem(uris: string[]): string | undefined {
  for (const uri of uris) {
    const problem = problemOf(uri);
    if (problem) {
      return `${uri} ${problem}`;
    }
  }
  return undefined;
}

function problemOf(uri: string): string | undefined {
  if (!URL.canParse(uri)) {
    return 'is not an absolute URL.';
  }
  const { protocol, hostname } = new URL(uri);
  if (uri.includes('#')) {
    return 'has a fragment (#…), which is not allowed.';
  }
  if (UNSAFE_SCHEMES.includes(protocol.slice(0, -1))) {
    return 'has a scheme that is not safe.';
  }
  if (protocol === 'http:' && !LOOPBACK_HOSTS.includes(hostname)) {
    return 'has to be https, because it is not on the user’s own computer.';
  }
  return undefined;
}
