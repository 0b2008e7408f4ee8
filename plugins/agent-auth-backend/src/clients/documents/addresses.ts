import ipaddr from 'ipaddr.js';

/** All that is given out to hosts on the Internet (IANA, RFC 4291); ipaddr.js calls unassigned space unicast too. */
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/**
 * Where an internal host may be. Not among them: link-local addresses, at which
 * clouds give out credentials.
 */
const INTERNAL_RANGES = new Set([
  'private',
  'uniqueLocal',
  'carrierGradeNat',
  'loopback',
]);

/** Whether a text is an IP address of a host on the Internet. False for whatever leads elsewhere: mapped, translated or tunnelled addresses. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) {
    return false;
  }
  const parsed = ipaddr.parse(address);
  return (
    parsed.range() === 'unicast' &&
    (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST_V6))
  );
}

/** Whether a text is an IP address at which an internal or a public host can be. */
export function isInternalOrPublicAddress(address: string): boolean {
  return (
    isPublicAddress(address) ||
    (ipaddr.isValid(address) &&
      INTERNAL_RANGES.has(ipaddr.parse(address).range()))
  );
}

/** Whether a text is an IP address of this machine. */
export function isLoopbackAddress(address: string): boolean {
  return (
    ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback'
  );
}
