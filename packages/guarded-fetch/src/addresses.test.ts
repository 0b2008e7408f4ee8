import {
  isInternalOrPublicAddress,
  isLoopbackAddress,
  isPublicAddress,
} from './addresses';

describe('an address', () => {
  it.each([
    '93.184.215.14',
    '1.1.1.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80e::200e',
  ])('%s is public', address => {
    expect(isPublicAddress(address)).toBe(true);
    expect(isInternalOrPublicAddress(address)).toBe(true);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.8.9.10'],
    ['loopback', '::1'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['unique local', 'fd00::1'],
    ['carrier-grade NAT', '100.64.0.1'],
  ])('%s %s is internal', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(isInternalOrPublicAddress(address)).toBe(true);
  });

  it.each([
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified', '::'],
    ['link-local, where clouds give out credentials', '169.254.169.254'],
    ['where a cloud gives out credentials', 'fd00:ec2::254'],
    ['where a cloud gives out credentials', 'fd00:0ec2:0:0::0254'],
    ['where a cloud gives out credentials', 'fd20:ce::254'],
    ['where a cloud gives out credentials', '100.100.100.200'],
    ['where a cloud gives out settings', '168.63.129.16'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['benchmarking', '198.18.0.1'],
    ['benchmarking', '2001:2::1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.1'],
    ['documentation', '2001:db8::1'],
    ['protocol assignments', '192.0.0.170'],
    ['6to4 relay', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped public', '::ffff:93.184.215.14'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['unassigned', '4000::1'],
    ['unassigned', '1fff::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('that is %s, %s, is neither', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(isInternalOrPublicAddress(address)).toBe(false);
  });

  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['::ffff:127.0.0.1', false],
    ['93.184.215.14', false],
  ])('%s is of this machine: %s', (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected);
  });
});
