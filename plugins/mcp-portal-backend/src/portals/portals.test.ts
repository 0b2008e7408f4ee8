import { ConfigReader } from '@backstage/config';
import { Portals, readPortals } from '.';
import type { Caller } from '../callers/Caller';

const NOON = new Date('2026-11-18T12:00:00Z'); // a Wednesday

const portalOf = (config?: object) =>
  readPortals(
    new ConfigReader(
      config ? { mcpPortal: { portals: { main: config as never } } } : {},
    ),
  )[0];

const ada = (changes: Partial<Caller> = {}): Caller => ({
  kind: 'user',
  uuid: 'a',
  entityRef: 'user:default/ada',
  teams: ['group:default/platform'],
  client: { id: 'c', name: 'C' },
  scopes: new Set(['tools:read']),
  claims: {},
  network: { names: [], device: {} },
  backstageCredentials: () => Promise.reject(new Error('not here')),
  ...changes,
});

const anonymous = ada({ kind: 'anonymous', entityRef: undefined, teams: [] });

/** Why somebody is not let in; undefined for who is. */
function refusalOf(config: object, caller: Caller, now = NOON) {
  const portal = portalOf(config);
  try {
    new Portals([portal]).admit(caller, portal, now);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it('without configuration there is one portal, for everybody who has signed in', () => {
  const portal = portalOf();
  expect(portal.name).toBe('default');
  expect(refusalOf({}, ada())).toBeUndefined();
  expect(refusalOf({}, anonymous)).toContain('is not open to you');
  expect(() => new Portals([portal]).get('other')).toThrow(
    'There is no such portal',
  );
});

it('lets in whom it names: users, members of groups, services', () => {
  const bot = ada({
    kind: 'service',
    entityRef: 'component:default/bot',
    teams: [],
  });
  for (const [allow, caller, isIn] of [
    [['user:default/ada'], ada(), true],
    [['User:Default/Ada'], ada(), true],
    [['group:default/platform'], ada(), true],
    [['group:default/finance'], ada(), false],
    [['component:default/bot'], bot, true],
    // A user is not let in by the ref of a service, nor a service by that of a user.
    [
      ['component:default/ada'],
      ada({ entityRef: 'component:default/ada' }),
      false,
    ],
    [['user:default/ada'], ada({ kind: 'service' }), false],
    [['user:default/ada'], anonymous, false],
  ] as const) {
    expect([allow, refusalOf({ allow }, caller) === undefined]).toEqual([
      allow,
      isIn,
    ]);
  }
});

it('is public with tools that read only', () => {
  expect(refusalOf({ allow: 'public' }, anonymous)).toBeUndefined();
  expect([...portalOf({ allow: 'public' }).classes]).toEqual(['read']);
  expect(portalOf({ allow: 'public' }).rateLimit.requests).toBe(60);
  expect(() =>
    portalOf({ allow: 'public', classes: ['read', 'write'] }),
  ).toThrow(
    'mcpPortal.portals.main.classes: a public portal has tools that read only',
  );
});

describe('a condition', () => {
  it.each([
    [
      'a network',
      { networks: ['office'] },
      { network: { names: ['office'], device: {} } },
      'from these networks only: office',
    ],
    [
      'a way to sign in',
      { authenticationMethods: ['mfa', 'hwk'] },
      { claims: { amr: ['pwd', 'hwk'] } },
      'a sign-in by mfa or hwk',
    ],
    [
      'a context',
      { authenticationContexts: ['high'] },
      { claims: { acr: 'high' } },
      'a stronger sign-in',
    ],
    [
      'an age',
      { maxAuthenticationAge: { hours: 12 } },
      { claims: { authTime: NOON.getTime() / 1000 - 3600 } },
      'too long ago',
    ],
    [
      'a device',
      { device: { managed: 'true', os: ['mac', 'linux'] } },
      { network: { names: [], device: { managed: 'true', os: 'linux' } } },
      'not open to this device',
    ],
  ])('on %s has to hold', (_, conditions, fitting, refusal) => {
    expect(refusalOf({ conditions }, ada(fitting as never))).toBeUndefined();
    expect(refusalOf({ conditions }, ada())).toContain(refusal);
  });

  it('on the age of the sign-in counts from the sign-in', () => {
    const conditions = { maxAuthenticationAge: { hours: 12 } };
    const signedIn = (hoursAgo: number) =>
      ada({ claims: { authTime: NOON.getTime() / 1000 - hoursAgo * 3600 } });
    expect(refusalOf({ conditions }, signedIn(11.9))).toBeUndefined();
    expect(refusalOf({ conditions }, signedIn(12.1))).toBeDefined();
  });

  it('on a device is not met by what every object has', () => {
    const conditions = { device: { constructor: 'x' } };
    expect(refusalOf({ conditions }, ada())).toBeDefined();
  });

  it.each([
    ['08:00', '18:00', undefined, '2026-11-18T07:59:00Z', false],
    ['08:00', '18:00', undefined, '2026-11-18T08:00:00Z', true],
    ['08:00', '18:00', undefined, '2026-11-18T18:00:00Z', false],
    ['08:00', '18:00', ['mon', 'tue'], '2026-11-18T12:00:00Z', false],
    // Over midnight: the night of Wednesday ends on Thursday.
    ['22:00', '06:00', ['wed'], '2026-11-18T23:00:00Z', true],
    ['22:00', '06:00', ['wed'], '2026-11-19T05:59:00Z', true],
    ['22:00', '06:00', ['wed'], '2026-11-18T05:00:00Z', false],
  ])('on hours %s to %s (%s) at %s', (from, to, days, now, isOpen) => {
    const conditions = { hours: { from, to, ...(days && { days }) } };
    const refusal = refusalOf({ conditions }, ada(), new Date(now));
    expect(refusal === undefined).toBe(isOpen);
  });

  it('on hours counts in its time zone', () => {
    const conditions = {
      hours: { from: '08:00', to: '18:00', timeZone: 'Asia/Tokyo' },
    };
    expect(
      refusalOf({ conditions }, ada(), new Date('2026-11-18T00:00:00Z')),
    ).toBeUndefined();
    expect(
      refusalOf({ conditions }, ada(), new Date('2026-11-18T10:00:00Z')),
    ).toContain('closed at this time');
  });
});

it.each([
  [{ allow: 'all' }, 'main.allow has to be everybody, public, or a list'],
  [{ allow: [] }, 'main.allow has to be'],
  [{ allow: ['platform team'] }, 'main.allow has "platform team"'],
  [{ servers: ['Git Lab'] }, 'main.servers has to be all'],
  [{ classes: ['reads'] }, 'main.classes has "reads"'],
  [
    { allow: 'public', conditions: { networks: ['office'] } },
    'main.conditions.networks can hold only for callers who have signed in',
  ],
  [
    { conditions: { network: ['a'] } },
    'main.conditions.network is no condition',
  ],
  [{ conditions: { hours: { from: '8', to: '18:00' } } }, 'hours.from is "8"'],
  [
    { conditions: { hours: { from: '08:00', to: '18:00', timeZone: 'Mars' } } },
    'hours.timeZone is "Mars"',
  ],
  [
    { conditions: { hours: { from: '08:00', to: '18:00', days: ['monday'] } } },
    'hours.days has "monday"',
  ],
  [
    { conditions: { device: { managed: true } } },
    'device.managed has to be a text',
  ],
  [
    { rateLimit: { requests: 0 } },
    'main.rateLimit.requests has to be at least 1',
  ],
])('names the setting that cannot be used: %j', (config, message) => {
  expect(() => portalOf(config)).toThrow(
    `mcpPortal.portals.${message.startsWith('main') ? message : ''}`,
  );
  expect(() => portalOf(config)).toThrow(message);
});
