/** The names that clients use for this machine (RFC 8252, section 7.3). */
const HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a host is this machine.
 *
 * @param hostname - as the URL parser gives it: no port, IPv6 in brackets
 */
export function isLoopbackHost(hostname: string): boolean {
  return HOSTS.has(hostname);
}
