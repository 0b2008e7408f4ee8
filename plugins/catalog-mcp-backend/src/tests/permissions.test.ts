import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import permissionPlugin from '@backstage/plugin-permission-backend';
import { connect, SignedIn } from '../__testUtils__/connect';
import {
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
import { HIDDEN, restrictivePolicy } from '../__testUtils__/restrictivePolicy';
import { Portal, startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const serviceToken = (name: string, accessRestrictions?: object[]) => ({
  type: 'static',
  options: { token: `${name}-token`, subject: name },
  accessRestrictions,
});

const SERVICES = [
  serviceToken('unrestricted'),
  serviceToken('only-catalog-mcp', [{ plugin: 'catalog-mcp' }]),
  serviceToken('may-only-create', [
    { plugin: 'catalog-mcp' },
    { plugin: 'catalog', permissionAttribute: { action: 'create' } },
  ]),
];

describe('under a policy that hides entities from one of two people', () => {
  let portal: Portal;
  let joan: SignedIn;
  let linus: SignedIn;

  beforeAll(async () => {
    portal = await startPortal({
      features: [
        ...realAuth,
        permissionsServiceFactory,
        permissionPlugin,
        restrictivePolicy,
      ],
      config: {
        ...realAuthConfig,
        permission: { enabled: true },
        backend: {
          baseUrl: 'http://localhost',
          auth: { externalAccess: SERVICES },
        },
      },
    });
    joan = await connect(portal, await signIn(portal.url, 'user:default/joan'));
    linus = await connect(
      portal,
      await signIn(portal.url, 'user:default/linus'),
    );
  });

  const text = (value: unknown) => JSON.stringify(value);

  it('hides them from search, counts and names', async () => {
    for (const input of [
      { query: 'payments' },
      { kind: 'component', type: 'service', limit: 100 },
      { query: 'payments-api' },
    ]) {
      const forLinus = await linus.ask('find_entities', input);
      const forJoan = await joan.ask('find_entities', input);
      expect(text(forLinus)).toMatch(/payments-api/);
      expect(text(forJoan.entities)).not.toMatch(HIDDEN);
      expect(forJoan.total ?? 0).toBeLessThan(forLinus.total ?? 1_000);
    }
    const exact = await joan.fail('get_entity', {
      ref: 'component:default/payments-api',
    });
    const never = await joan.fail('get_entity', {
      ref: 'component:default/payments-apx',
    });
    const upToSuggestions = (message: string) =>
      message.replace(/payments-ap[ix]/, 'X').replace(/Closest.*/, '');
    expect(upToSuggestions(exact)).toBe(upToSuggestions(never));
    expect(exact).not.toMatch(/Closest.*payments-(api|db|team)/);
  });

  it('hides them from traversals, and what is reached only through them', async () => {
    const input = { ref: 'web-shop', depth: 5, limit: 200 };
    const forLinus = await linus.ask('get_dependencies', input);
    const forJoan = await joan.ask('get_dependencies', input);
    const seen = (answer: any) =>
      answer.dependencies.map(({ ref }: any) => ref);
    expect(seen(forLinus)).toEqual(
      expect.arrayContaining([
        'component:default/payments-api',
        'resource:default/payments-db',
      ]),
    );
    expect(seen(forJoan)).not.toContain('component:default/payments-api');
    expect(seen(forJoan)).not.toContain('resource:default/payments-db');
    // Only payments-api needs it on this way: to her it is not reachable.
    expect(seen(forLinus)).toContain('component:default/fraud-service');
    expect(seen(forJoan)).not.toContain('component:default/fraud-service');
    expect(forJoan.counts.dependencies).toBe(seen(forJoan).length);
    expect(text(forJoan)).not.toMatch(HIDDEN);

    const checkout = await joan.ask('get_entity', { ref: 'checkout-service' });
    expect(text(checkout)).not.toMatch(HIDDEN);
    const ledger = await joan.ask('get_entity', { ref: 'ledger' });
    expect(text(ledger)).not.toMatch(HIDDEN);

    const path = { from: 'web-shop', to: 'fraud-service' };
    expect((await linus.ask('find_path', path)).found).toBe(true);
    expect((await joan.ask('find_path', path)).found).toBe(false);
  });

  it('finds another way around them', async () => {
    const path = { from: 'checkout-service', to: 'identity-service' };
    expect((await joan.ask('find_path', path)).path).toHaveLength(1);
    const events = { from: 'web-shop', to: 'payment-events-topic' };
    const forJoan = await joan.ask('find_path', events);
    expect(forJoan.found).toBe(true);
    expect(text(forJoan.path)).not.toMatch(HIDDEN);
  });

  it('hides them from impacts, teams, systems, stores, repositories and APIs', async () => {
    const impact = await joan.ask('impact_of', { ref: 'identity-service' });
    const full = await linus.ask('impact_of', { ref: 'identity-service' });
    expect(impact.affected).toBeLessThan(full.affected);
    expect(text(impact)).not.toMatch(HIDDEN);

    expect(await joan.fail('get_team', { ref: 'payments-team' })).toContain(
      'There is no entity',
    );
    const owner = await joan.ask('get_owner', { ref: 'ledger' });
    expect(owner.owner?.ref).not.toBe('group:default/payments-team');

    const system = await joan.ask('get_system', { ref: 'ordering' });
    expect(text(system)).not.toMatch(HIDDEN);
    expect(
      await joan.fail('get_data_stores', { ref: 'payments-db' }),
    ).toContain('There is no entity');
    const stores = await joan.ask('get_data_stores', { ref: 'fraud-service' });
    expect(text(stores)).not.toMatch(/payments-(api|db)/);

    const repository = await joan.ask('resolve_repository', {
      remote: 'lantern-example/payments-api',
    });
    expect(text(repository.entities.map(({ ref }: any) => ref))).not.toMatch(
      HIDDEN,
    );
    const apis = await joan.ask('find_apis', { query: 'refund a payment' });
    expect(text(apis.apis.map(({ ref }: any) => ref))).not.toMatch(HIDDEN);
  });

  it('hides them from completions and resources', async () => {
    const { completion } = await joan.client.complete({
      ref: { type: 'ref/prompt', name: 'understand_service' },
      argument: { name: 'ref', value: 'payments' },
    });
    expect(text(completion.values)).not.toMatch(/payments-(api|db|team)/);
    await expect(
      joan.client.readResource({
        uri: 'catalog://entities/component/default/payments-api',
      }),
    ).rejects.toThrow('There is no entity');
    const whole = await linus.client.readResource({
      uri: 'catalog://entities/component/default/payments-api',
    });
    expect(text(whole)).toContain('Payments API');
  });

  it('lets services read no more than the catalog lets them', async () => {
    for (const token of ['only-catalog-mcp', 'may-only-create']) {
      const service = await connect(portal, `Bearer ${token}-token`);
      for (const [tool, input] of [
        ['get_entity', { ref: 'component:default/payments-api' }],
        ['find_entities', { kind: 'component' }],
        ['impact_of', { ref: 'component:default/identity-service' }],
      ] as const) {
        const answer = await service.client.callTool({
          name: tool,
          arguments: input,
        });
        expect(JSON.stringify(answer)).not.toMatch(/lantern\.example|"owner"/);
      }
    }
    const whole = await connect(portal, 'Bearer unrestricted-token');
    expect((await whole.ask('get_entity', { ref: 'payments-api' })).owner).toBe(
      'group:default/payments-team',
    );
    expect(await whole.fail('get_team')).toContain('signed in as a service');
  });
});
