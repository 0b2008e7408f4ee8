import { isIP } from 'node:net';
import type { Config } from '@backstage/config';
import { IPv4, IPv6, parse } from 'ipaddr.js';

type Address = IPv4 | IPv6;

/** A network with the name that the operator gave it. */
export interface NamedNetwork {
  name: string;
  ranges: Array<[Address, number]>;
}

/** Length of `::ffff:` in front of an IPv4 address. */
const MAPPED_BITS = 96;

/**
 * Reads `agentAuth.networks`.
 *
 * @throws when a value is not a CIDR range, naming the key
 */
export function readNetworks(root: Config): NamedNetwork[] {
  const config = root.getOptionalConfig('agentAuth.networks');
  return (config?.keys() ?? []).map(name => ({
    name,
    ranges: config!
      .getStringArray(name)
      .map((range, index) =>
        readRange(range, `agentAuth.networks.${name}[${index}]`),
      ),
  }));
}

/**
 * Reads an IP address. One of IPv4 that is written as IPv6 (`::ffff:10.1.2.3`)
 * becomes one of IPv4, or it would be in no IPv4 network.
 *
 * @returns undefined for anything else, such as what a header claims
 */
export function readAddress(text: string | undefined): Address | undefined {
  // The library also takes abbreviations, such as 10 for 0.0.0.10, and
  // addresses of the abandoned form ::10.1.2.3 for ::ffff:10.1.2.3.
  if (!text || isIP(text) === 0 || /^::\d+\./.test(text)) {
    return undefined;
  }
  const address = parse(text);
  return isIpv6(address) && address.isIPv4MappedAddress()
    ? address.toIPv4Address()
    : address;
}

/** Names of the networks that contain an address. */
export function networksOf(
  address: Address,
  networks: NamedNetwork[],
): string[] {
  return networks
    .filter(({ ranges }) =>
      ranges.some(
        ([base, bits]) =>
          base.kind() === address.kind() &&
          (address as IPv4).match(base as IPv4, bits),
      ),
    )
    .map(({ name }) => name);
}

function readRange(range: string, key: string): [Address, number] {
  const [, base, length] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
  const address = readAddress(base);
  const isMapped = isIP(base ?? '') === 6 && address?.kind() === 'ipv4';
  const bits = Number(length) - (isMapped ? MAPPED_BITS : 0);
  if (!address || bits < 0 || bits > (isIpv6(address) ? 128 : 32)) {
    throw invalid(range, key);
  }
  return [address, bits];
}

function isIpv6(address: Address): address is IPv6 {
  return address.kind() === 'ipv6';
}

function invalid(range: string, key: string): Error {
  return new Error(
    `Invalid value "${range}" in ${key}: expected a CIDR range such as 10.0.0.0/8 or 2001:db8::/32`,
  );
}
