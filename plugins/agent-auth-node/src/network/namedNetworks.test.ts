import { ConfigReader } from '@backstage/config';
import { networksOf, readAddress, readNetworks } from './namedNetworks';
import { NetworkReader } from './NetworkReader';

const configOf = (agentAuth: object) => new ConfigReader({ agentAuth });

it.each([
  ['10.1.255.255', ['office', 'all-of-ten']],
  ['10.2.0.0', ['all-of-ten']],
  ['::ffff:10.1.0.1', ['office', 'all-of-ten']],
  ['::FFFF:0a01:0001', ['office', 'all-of-ten']],
  ['2001:db8:1::7', ['office']],
  ['2001:DB8:1:0:0:0:0:7', ['office']],
  ['2001:db8:2::7', []],
  ['192.168.7.7', ['one-host']],
  ['192.168.7.8', []],
  ['172.16.5.5', ['mapped']],
  ['fe80::1%eth0', []],
  ['::1', ['loopback']],
])('knows %s as %j', (address, names) => {
  const networks = readNetworks(
    configOf({
      networks: {
        office: ['10.1.0.0/16', '2001:db8:1::/48'],
        'all-of-ten': ['10.0.0.0/8'],
        'one-host': ['192.168.7.7/32'],
        loopback: ['::1/128'],
        mapped: ['::ffff:172.16.0.0/108'],
      },
    }),
  );
  expect(networksOf(readAddress(address)!, networks)).toEqual(names);
});

it.each([
  undefined,
  '',
  '10',
  '0x0a010001',
  '010.1.0.1',
  '10.1.0.1:80',
  '::10.1.0.1',
  '10.1.0.1 ',
  'localhost',
])('takes %p for no address', text => {
  expect(readAddress(text)).toBeUndefined();
});

it.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0/8',
  '10/8',
  '::/129',
  '::10.0.0.0/104',
  '::ffff:10.0.0.0/129',
  '/8',
  '::ffff:10.0.0.0/8',
  'office',
  '10.0.0.0/8/8',
])('refuses to start with the range %s, and says where it stands', range => {
  const config = configOf({ networks: { office: ['10.0.0.0/8', range] } });
  expect(() => new NetworkReader(config)).toThrow(
    `Invalid value "${range}" in agentAuth.networks.office[1]: expected a CIDR range`,
  );
});

it('refuses to start with what can be no header', () => {
  const config = configOf({ deviceHeaders: { os: 'X Device: Os' } });
  expect(() => new NetworkReader(config)).toThrow(
    'in agentAuth.deviceHeaders.os',
  );
});
