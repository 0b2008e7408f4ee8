import fc from 'fast-check';

/** Arbitraries of what is known of every caller, as the conditions on callers ask for it. */
export const CALLER = {
  uuid: fc.constantFrom('u1', 'u2'),
  teams: fc.subarray(['group:default/a', 'group:default/b', 'group:default/z']),
  client: fc.constantFrom({ id: 'ide', name: 'IDE' }, { id: 'p', name: 'P' }),
  claims: fc.record(
    {
      amr: fc.subarray(['mfa', 'pwd']),
      acr: fc.constant('high'),
      authTime: fc.constantFrom(1795000000, 1795003190.5),
    },
    { requiredKeys: [] },
  ),
  network: fc.record({
    address: fc.constantFrom(
      undefined,
      '10.1.2.3',
      '::ffff:10.1.2.3',
      'fe80::1%eth0',
      '203.0.113.7',
      'nonsense',
    ),
    names: fc.subarray(['office', 'vpn']),
    device: fc.constantFrom<Record<string, string>>(
      {},
      { managed: 'yes' },
      { managed: 'no' },
    ),
  }),
};
