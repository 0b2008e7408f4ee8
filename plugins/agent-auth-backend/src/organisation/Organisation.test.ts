import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { JsonObject } from '@backstage/types';
import { startCatalog, TestCatalog } from '../__testUtils__/startCatalog';
import { Organisation } from './Organisation';

jest.setTimeout(180_000);

const MINUTE_MS = 60_000;

function entity(kind: string, name: string, spec: JsonObject): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name },
    spec,
  };
}

function user(name: string, ...memberOf: string[]): Entity {
  return entity('User', name, { profile: {}, memberOf });
}

function group(name: string, parent?: string): Entity {
  return entity('Group', name, {
    type: 'team',
    children: [],
    ...(parent ? { parent } : {}),
  });
}

const company: Entity[] = [
  group('company'),
  group('engineering', 'company'),
  group('payments', 'engineering'),
  group('checkout', 'payments'),
  group('support', 'company'),
  group('chicken', 'egg'),
  group('egg', 'chicken'),
  entity('Domain', 'money', { owner: 'engineering' }),
  entity('Domain', 'shop', { owner: 'user:default/ada' }),
  entity('Domain', 'help', { owner: 'support' }),
  entity('System', 'card-payments', { owner: 'payments', domain: 'money' }),
  entity('System', 'basket', { owner: 'checkout', domain: 'shop' }),
  entity('System', 'tickets', { owner: 'support', domain: 'help' }),
  entity('Component', 'ci', {
    type: 'service',
    lifecycle: 'production',
    owner: 'payments',
  }),
  entity('Component', 'pet', {
    type: 'service',
    lifecycle: 'production',
    owner: 'user:default/ada',
  }),
  user('ada', 'checkout', 'support'),
  user('egbert', 'egg'),
  user('guest'),
  user('ghost', 'dissolved'),
];

describe('an organisation', () => {
  let portal: TestCatalog;
  let skewMs = 0;
  let calls = 0;
  let down = false;
  const started: Organisation[] = [];

  beforeAll(async () => {
    portal = await startCatalog(company);
  });

  beforeEach(() => {
    skewMs = 0;
    calls = 0;
    down = false;
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + skewMs);
  });

  afterEach(() => {
    jest.restoreAllMocks();
    started.splice(0).forEach(organisation => organisation.stop());
  });

  /** The real catalog, whose connection can be cut, and which counts calls. */
  function createOrganisation(): Organisation {
    const catalog = new Proxy(portal.catalog, {
      get: (target, name: keyof CatalogService) => {
        calls += 1;
        if (down) {
          return () => {
            throw new Error('connect ECONNREFUSED');
          };
        }
        return target[name].bind(target);
      },
    });
    const organisation = new Organisation({
      catalog,
      auth: portal.auth,
      logger: mockServices.logger.mock(),
    });
    started.push(organisation);
    return organisation;
  }

  it('puts a user into its teams and all above them, the nearest first, and finds what they own', async () => {
    const membership = await createOrganisation().membershipOf(
      'User:default/Ada',
      'user',
    );

    expect(membership?.teams).toEqual([
      'group:default/checkout',
      'group:default/support',
      'group:default/payments',
      'group:default/company',
      'group:default/engineering',
    ]);
    expect(membership?.systems.sort()).toEqual([
      'system:default/basket',
      'system:default/card-payments',
      'system:default/tickets',
    ]);
    expect(membership?.domains.sort()).toEqual([
      'domain:default/help',
      'domain:default/money',
      'domain:default/shop',
    ]);
  });

  it('puts a service into the groups that own its entity', async () => {
    const organisation = createOrganisation();

    await expect(
      organisation.membershipOf('component:default/ci', 'service'),
    ).resolves.toEqual({
      teams: [
        'group:default/payments',
        'group:default/engineering',
        'group:default/company',
      ],
      systems: ['system:default/card-payments'],
      domains: ['domain:default/money'],
    });
    await expect(
      organisation.membershipOf('component:default/pet', 'service'),
    ).resolves.toEqual({ teams: [], systems: [], domains: [] });
  });

  it('ends where groups are above each other', async () => {
    await expect(
      createOrganisation().membershipOf('user:default/egbert', 'user'),
    ).resolves.toEqual({
      teams: ['group:default/egg', 'group:default/chicken'],
      systems: [],
      domains: [],
    });
  });

  it('gives empty lists to a user without a team, or with one that is no more', async () => {
    const organisation = createOrganisation();
    const nothing = { teams: [], systems: [], domains: [] };

    await expect(
      organisation.membershipOf('user:default/guest', 'user'),
    ).resolves.toEqual(nothing);
    await expect(
      organisation.membershipOf('user:default/ghost', 'user'),
    ).resolves.toEqual(nothing);
  });

  it('knows nothing of who is not in the catalog, and refuses what is no ref', async () => {
    const organisation = createOrganisation();

    await expect(
      organisation.membershipOf('user:default/nobody', 'user'),
    ).resolves.toBeUndefined();
    await expect(
      organisation.membershipOf('user:default/ada', 'user'),
    ).resolves.toBeDefined();
    await expect(organisation.membershipOf('ada', 'user')).rejects.toThrow(
      InputError,
    );
  });

  it('reads an entity once for callers at the same time, and again before it is a minute old while it is in use', async () => {
    const organisation = createOrganisation();
    await organisation.membershipOf('user:default/guest', 'user');
    const ada = () => organisation.membershipOf('user:default/ada', 'user');
    calls = 0;

    await Promise.all(Array.from({ length: 50 }, ada));
    expect(calls).toBe(1);
    await ada();
    expect(calls).toBe(1);

    skewMs = 0.6 * MINUTE_MS;
    await ada();
    // The answer came from memory; the read that it set off is not waited for.
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(calls).toBe(2);
    skewMs = 1.2 * MINUTE_MS;
    down = true;
    await expect(ada()).resolves.toMatchObject({
      teams: expect.arrayContaining(['group:default/checkout']),
    });
  });

  it('says that the catalog is down while it never answered, and recovers by itself', async () => {
    const organisation = createOrganisation();
    const ada = () => organisation.membershipOf('user:default/ada', 'user');
    down = true;
    organisation.start();
    await expect(ada()).rejects.toThrow(ServiceUnavailableError);
    down = false;

    await expect(ada()).resolves.toMatchObject({
      teams: expect.arrayContaining(['group:default/company']),
    });
  });

  it('believes what it knows for 15 minutes while the catalog is down, and no longer', async () => {
    const organisation = createOrganisation();
    const ada = () => organisation.membershipOf('user:default/ada', 'user');
    const before = await ada();
    down = true;

    skewMs = 14 * MINUTE_MS;
    await expect(ada()).resolves.toEqual(before);
    skewMs = 16 * MINUTE_MS;
    await expect(ada()).rejects.toThrow(ServiceUnavailableError);
    down = false;
    await expect(ada()).resolves.toEqual(before);
  });

  it('notices within a minute who has left, changed teams or come', async () => {
    const organisation = createOrganisation();
    await organisation.membershipOf('user:default/ada', 'user');
    await organisation.membershipOf('user:default/guest', 'user');
    await organisation.membershipOf('user:default/newcomer', 'user');
    await portal.replaceAll([
      ...company.filter(
        ({ metadata }) => !['ada', 'guest'].includes(metadata.name),
      ),
      user('guest', 'support'),
      user('newcomer', 'support'),
    ]);

    skewMs = 1.1 * MINUTE_MS;
    await expect(
      organisation.membershipOf('user:default/ada', 'user'),
    ).resolves.toBeUndefined();
    for (const name of ['guest', 'newcomer']) {
      await expect(
        organisation.membershipOf(`user:default/${name}`, 'user'),
      ).resolves.toMatchObject({
        teams: ['group:default/support', 'group:default/company'],
        systems: ['system:default/tickets'],
      });
    }
    skewMs = 0;
    await portal.replaceAll(company);
  });

  it('reads the teams again by itself, and keeps those of before when it cannot', async () => {
    const organisation = createOrganisation();
    organisation.start();
    const teamsOf = async (name: string) =>
      (await organisation.membershipOf(`user:default/${name}`, 'user'))?.teams;
    await expect(teamsOf('egbert')).resolves.toHaveLength(2);
    await portal.replaceAll([
      ...company.filter(({ metadata }) => metadata.name !== 'egg'),
      group('egg', 'support'),
    ]);

    const deadline = Date.now() + 20_000;
    let teams = await teamsOf('egbert');
    while (teams?.includes('group:default/chicken') && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 100));
      teams = await teamsOf('egbert');
    }
    expect(teams).toEqual([
      'group:default/egg',
      'group:default/support',
      'group:default/company',
    ]);
    down = true;
    await new Promise(resolve => setTimeout(resolve, 6_000));
    await expect(teamsOf('egbert')).resolves.toEqual(teams);
    await portal.replaceAll(company);
  });
});

describe('an organisation of 3,700 users in 400 groups', () => {
  const GROUPS = 400;
  const USERS = 3_700;

  /** As the catalog states it: a tree, three below each group, with a system each. */
  function largeCompany(): Entity[] {
    const related = (of: Entity, type: string, target: string): Entity => ({
      ...of,
      relations: [{ type, targetRef: `group:default/${target}` }],
    });
    return [
      ...Array.from({ length: GROUPS }, (_, i) => [
        i === 0
          ? group('group-0')
          : related(
              group(`group-${i}`),
              'childOf',
              `group-${Math.floor((i - 1) / 3)}`,
            ),
        related(entity('System', `system-${i}`, {}), 'ownedBy', `group-${i}`),
      ]).flat(),
      ...Array.from({ length: USERS }, (_, i) =>
        related(user(`user-${i}`), 'memberOf', `group-${i % GROUPS}`),
      ),
    ];
  }

  it('answers from memory in microseconds', async () => {
    const catalog = catalogServiceMock({ entities: largeCompany() });
    const reads = jest.spyOn(catalog, 'getEntitiesByRefs');
    const organisation = new Organisation({
      catalog,
      auth: mockServices.auth(),
      logger: mockServices.logger.mock(),
    });
    const askForAll = async () => {
      for (let i = 0; i < USERS; i++) {
        await organisation.membershipOf(`user:default/user-${i}`, 'user');
      }
    };
    // Who is asked for at the same time is read together.
    await Promise.all(
      Array.from({ length: USERS }, (_, i) =>
        organisation.membershipOf(`user:default/user-${i}`, 'user'),
      ),
    );
    const requests = Math.ceil(USERS / 200);
    expect(reads).toHaveBeenCalledTimes(requests);

    const startedAt = performance.now();
    await askForAll();
    const meanMs = (performance.now() - startedAt) / USERS;

    expect(reads).toHaveBeenCalledTimes(requests);
    await expect(
      organisation.membershipOf('user:default/user-399', 'user'),
    ).resolves.toMatchObject({
      teams: [399, 132, 43, 14, 4, 1, 0].map(i => `group:default/group-${i}`),
      systems: expect.arrayContaining(['system:default/system-43']),
    });
    // 0.005 ms in November 2026; the catalog itself takes 1 ms.
    expect(meanMs).toBeLessThan(0.2);
  });
});
