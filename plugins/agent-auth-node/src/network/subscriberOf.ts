import { readAddress } from './namedNetworks';

/** Parts of 16 bits that name a network of IPv6; the other half of an address is whatever its owner likes. */
const NETWORK_PARTS = 4;

/**
 * Whom an address belongs to, as far as it tells: the address itself for IPv4,
 * its /64 for IPv6, the least that anybody is given (RFC 6177).
 *
 * @returns the same text for all that is no address
 * @public
 */
export function subscriberOf(address: string | undefined): string {
  const parsed = readAddress(address);
  if (!parsed) {
    return 'an unknown address';
  }
  if (!('parts' in parsed)) {
    return parsed.toString();
  }
  const network = parsed.parts.slice(0, NETWORK_PARTS);
  return `${network.map(part => part.toString(16)).join(':')}::/64`;
}
