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

/** Where clouds give out credentials and settings at addresses that are not link-local. */
const CLOUD_METADATA = new Set(
  [
    // Amazon
    'fd00:ec2::254',
    'fd00:ec2::23',
    // Google
    'fd20:ce::254',
    // Alibaba
    '100.100.100.200',
    // Azure, to virtual machines only
    '168.63.129.16',
  ].map(address => ipaddr.parse(address).toString()),
);

/** Whether a text is an IP address of a host on the Internet. False for whatever leads elsewhere: mapped, translated or tunnelled addresses. */
export function isPublicAddress(address: string): boolean {
  if (!isAddressOfHost(address)) {
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
    (isAddressOfHost(address) &&
      INTERNAL_RANGES.has(ipaddr.parse(address).range()))
  );
}

/** Whether a text is an IP address of this machine. */
export function isLoopbackAddress(address: string): boolean {
  return (
    ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback'
  );
}

function isAddressOfHost(address: string): boolean {
  return (
    ipaddr.isValid(address) &&
    !CLOUD_METADATA.has(ipaddr.parse(address).toString())
  );
}
