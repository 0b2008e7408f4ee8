import { connect, SignedIn } from '../__testUtils__/connect';
import { startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

describe('the tools, on the example organisation', () => {
  let linus: SignedIn;

  beforeAll(async () => {
    linus = await connect(await startPortal());
  });

  const refs = (items: Array<{ ref: string }>) => items.map(({ ref }) => ref);

  it('find_entities finds by words, by attributes and by both, and pages', async () => {
    const words = await linus.ask('find_entities', { query: 'payments' });
    expect(words.entities[0].ref).toBe('component:default/payments-api');

    const mistyped = await linus.ask('find_entities', {
      query: 'paymnets api',
    });
    expect(refs(mistyped.entities)).toContain('component:default/payments-api');

    const both = await linus.ask('find_entities', {
      query: 'payment',
      kind: 'Resource',
      type: 'database',
    });
    expect(both.entities[0].ref).toBe('resource:default/payments-db');
    expect(new Set(both.entities.map(({ type }: any) => type))).toEqual(
      new Set(['database']),
    );

    const services = { kind: 'component', type: 'service' };
    const first = await linus.ask('find_entities', { ...services, limit: '4' });
    expect(first.total).toBe(18);
    expect(first.entities).toHaveLength(4);
    expect(first.more).toContain('4 of 18');
    const rest = await linus.ask('find_entities', {
      ...services,
      limit: 100,
      offset: 4,
    });
    expect(rest.entities).toHaveLength(14);
    expect(rest.more).toBeUndefined();
    expect(refs(rest.entities)).not.toContain(first.entities[0].ref);

    const owned = await linus.ask('find_entities', {
      owner: 'payments-team',
      kind: 'component',
    });
    expect(refs(owned.entities)).toEqual([
      'component:default/ledger',
      'component:default/payments-api',
      'component:default/payments-sdk',
      'component:default/settlement-worker',
    ]);

    const tagged = await linus.ask('find_entities', {
      tags: 'kotlin',
      system: 'ordering',
    });
    expect(refs(tagged.entities)).toContain('component:default/orders-service');
    const bySynonym = { kind: 'services', type: 'service', limit: null };
    expect((await linus.ask('find_entities', bySynonym)).total).toBe(18);
    const byTag = { query: 'orders', tags: ['KOTLIN'] };
    expect((await linus.ask('find_entities', byTag)).entities[0].ref).toBe(
      'component:default/orders-service',
    );
    expect(
      (await linus.ask('find_entities', { query: 'zzzzqq' })).entities,
    ).toEqual([]);
    expect(await linus.fail('find_entities', {})).toContain('what to look for');
  });

  it('get_entity tells what a thing is, in few words', async () => {
    const payments = await linus.ask('get_entity', { ref: 'payments' });
    expect(payments).toMatchObject({
      ref: 'component:default/payments-api',
      title: 'Payments API',
      type: 'service',
      lifecycle: 'production',
      owner: 'group:default/payments-team',
      partOf: ['system:default/payment-processing'],
      docs: true,
      onCall: 'PagerDuty service PSVPAY1',
      source: 'https://github.com/lantern-example/payments-api/tree/main/',
    });
    expect(payments.relations.dependsOn).toContain(
      'resource:default/payments-db',
    );
    expect(payments.note).toContain('was taken for');
    expect(JSON.stringify(payments).length).toBeLessThan(2_000);

    const exact = await linus.ask('get_entity', {
      ref: 'Component:default/Payments-API',
    });
    expect(exact.ref).toBe('component:default/payments-api');
    expect(exact.note).toBeUndefined();
    const bySynonym = await linus.ask('get_entity', { ref: 'service:ledger' });
    expect(bySynonym.ref).toBe('component:default/ledger');
  });

  it('names the closest entities when there is none, and all of them when there are several', async () => {
    const missing = await linus.fail('get_entity', { ref: 'paymnts-api' });
    expect(missing).toContain('There is no entity "paymnts-api"');
    expect(missing).toContain('Closest: component:default/payments-api');
    const wrongKind = await linus.fail('get_entity', {
      ref: 'component:default/payments-db',
    });
    expect(wrongKind).toContain('resource:default/payments-db');
    const ambiguous = await linus.fail('get_entity', { ref: 'events' });
    expect(ambiguous).toContain('api:default/order-events');
    expect(ambiguous).toContain('api:default/payment-events');
  });

  it('get_owner gives the team with its contacts, and whoever is next when there is none', async () => {
    const owner = await linus.ask('get_owner', { ref: 'payments-api' });
    expect(owner).toMatchObject({
      owner: {
        ref: 'group:default/payments-team',
        email: 'payments-team@lantern.example',
        chat: 'https://chat.lantern.example/channels/payments',
        onCall: 'PagerDuty escalation policy PPAYME1',
      },
      onCall: 'PagerDuty service PSVPAY1',
      parents: ['group:default/finance-department', 'group:default/lantern'],
    });
    expect(refs(owner.members)).toContain('user:default/linus');

    const inherited = await linus.ask('get_owner', { ref: 'product-importer' });
    expect(inherited).toMatchObject({
      owner: { ref: 'group:default/catalogue-team' },
      inheritedFrom: 'system:default/product-catalogue',
    });
    expect(inherited.problem).toContain('supplier-integrations-team');
  });

  it('get_dependencies follows both directions to a depth, through all kinds', async () => {
    const direct = await linus.ask('get_dependencies', { ref: 'payments-api' });
    expect(refs(direct.dependencies).sort()).toEqual([
      'component:default/fraud-service',
      'component:default/identity-service',
      'component:default/service-kit',
      'resource:default/payment-events-topic',
      'resource:default/payments-cluster',
      'resource:default/payments-db',
    ]);
    expect(direct.counts).toEqual({ dependencies: 6 });

    const databases = await linus.ask('get_dependencies', {
      ref: 'web-shop',
      depth: '5',
      kinds: ['database'],
    });
    expect(refs(databases.dependencies)).toEqual(
      expect.arrayContaining([
        'resource:default/payments-db',
        'resource:default/orders-db',
      ]),
    );
    expect(
      databases.dependencies.find(
        ({ ref }: { ref: string }) => ref === 'resource:default/payments-db',
      ),
    ).toMatchObject({ depth: 4, via: 'component:default/payments-api' });

    const both = await linus.ask('get_dependencies', {
      ref: 'orders-service',
      direction: 'both',
      depth: 5,
      limit: 2,
    });
    expect(both.dependencies).toHaveLength(2);
    expect(both.more).toMatch(/2 of \d+ dependencies/);
    expect(both.counts.dependents).toBeGreaterThan(2);
    const next = await linus.ask('get_dependencies', {
      ref: 'orders-service',
      depth: 5,
      limit: 200,
      offset: 2,
    });
    expect(next.dependencies).toHaveLength(both.counts.dependencies - 2);
    expect(next.more).toBeUndefined();

    const dangling = await linus.ask('get_dependencies', {
      ref: 'delivery-planner',
    });
    expect(dangling.missing).toEqual(['component:default/route-optimiser']);
  });

  it('find_path explains why one thing needs another, whichever way it runs', async () => {
    const path = await linus.ask('find_path', {
      from: 'web-shop',
      to: 'payments-db',
    });
    expect(path.found).toBe(true);
    expect(refs(path.path)).toEqual([
      'component:default/storefront-bff',
      'component:default/checkout-service',
      'component:default/payments-api',
      'resource:default/payments-db',
    ]);
    const reversed = await linus.ask('find_path', {
      from: 'payments-db',
      to: 'web-shop',
    });
    expect(reversed).toMatchObject({ found: true, reversed: true });
    const none = await linus.ask('find_path', {
      from: 'model-register',
      to: 'web-shop',
    });
    expect(none.found).toBe(false);
    expect(none.advice).toContain('within 8 steps');
  });

  it('impact_of groups what is affected by the team to notify', async () => {
    const impact = await linus.ask('impact_of', { ref: 'identity-service' });
    expect(impact.affected).toBe(25);
    expect(impact.teams[0]).toMatchObject({
      team: 'group:default/payments-team',
      email: 'payments-team@lantern.example',
    });
    const told = impact.teams.reduce(
      (sum: number, { affected }: { affected: number }) => sum + affected,
      0,
    );
    expect(told + (impact.unowned ?? []).length).toBe(impact.affected);

    const unowned = await linus.ask('impact_of', { ref: 'products-db' });
    expect(unowned.unowned).toContain('component:default/product-importer');
  });

  it('find_apis looks into definitions of every format', async () => {
    const refund = await linus.ask('find_apis', { query: 'refund a payment' });
    expect(refund.apis[0]).toMatchObject({
      ref: 'api:default/payments-rest',
      providedBy: ['component:default/payments-api'],
    });
    expect(refund.apis[0].operations[0]).toMatchObject({
      id: 'createRefund',
      signature: 'POST /payments/{paymentId}/refunds',
    });
    for (const [query, api] of [
      ['quote price', 'api:default/pricing-grpc'],
      ['storefront query product', 'api:default/storefront-graphql'],
      ['order placed event', 'api:default/order-events'],
    ]) {
      const found = await linus.ask('find_apis', { query });
      expect(refs(found.apis)).toContain(api);
    }
    const typed = await linus.ask('find_apis', {
      query: 'order',
      type: 'asyncapi',
    });
    expect(new Set(typed.apis.map(({ type }: any) => type))).toEqual(
      new Set(['asyncapi']),
    );
  });

  it('get_api lists operations, and shows one with its schemas resolved', async () => {
    const api = await linus.ask('get_api', { ref: 'payments-rest' });
    expect(api.operations).toHaveLength(13);
    expect(api).toMatchObject({
      type: 'openapi',
      owner: 'group:default/payments-team',
    });
    const some = await linus.ask('get_api', {
      ref: 'payments-rest',
      match: 'refund',
    });
    expect(some.operations.length).toBeLessThan(13);

    const refund = await linus.ask('get_api', {
      ref: 'payments-rest',
      operation: 'createRefund',
    });
    const detail = JSON.stringify(refund.operation.detail);
    expect(detail).toContain('requestBody');
    expect(detail).not.toContain('"$ref"');

    for (const ref of [
      'pricing-grpc',
      'storefront-graphql',
      'order-events',
      'payment-events',
    ]) {
      const listed = await linus.ask('get_api', { ref });
      const { operation } = await linus.ask('get_api', {
        ref,
        operation: listed.operations[0].id,
      });
      expect(operation.id).toBe(listed.operations[0].id);
    }
    // A component that provides one API stands for it; one with several does not.
    expect(
      (await linus.ask('get_api', { ref: 'component:pricing-service' })).ref,
    ).toBe('api:default/pricing-grpc');
    expect(await linus.fail('get_api', { ref: 'payments-api' })).toContain(
      'api:default/payment-events, api:default/payments-rest',
    );
    expect(
      await linus.fail('get_api', {
        ref: 'payments-rest',
        operation: 'creatRefund',
      }),
    ).toContain('createRefund');
  });

  it('get_system maps a system, a domain and the system of a component', async () => {
    const system = await linus.ask('get_system', { ref: 'payment-processing' });
    expect(system.partOf).toEqual(['domain:default/finance']);
    expect(refs(system.parts.component)).toContain(
      'component:default/payments-api',
    );
    expect(system.dependsOn).toContain('system:default/identity');
    expect(system.dependents).toContain('system:default/ordering');
    const domain = await linus.ask('get_system', { ref: 'finance' });
    expect(refs(domain.parts.system)).toContain(
      'system:default/payment-processing',
    );
    const own = await linus.ask('get_system', { ref: 'payments-api' });
    expect(own.ref).toBe('system:default/payment-processing');
    expect(await linus.fail('get_system', { ref: 'incident-bot' })).toContain(
      'not part of any system',
    );
  });

  it('get_data_stores tells what is read and written, and who shares it', async () => {
    const { stores } = await linus.ask('get_data_stores', {
      ref: 'payments-api',
    });
    expect(stores).toContainEqual(
      expect.objectContaining({
        ref: 'resource:default/payments-db',
        access: 'read and write',
        sharedWith: [
          expect.objectContaining({
            ref: 'component:default/fraud-service',
            access: 'read',
          }),
        ],
      }),
    );
    const store = await linus.ask('get_data_stores', { ref: 'orders-db' });
    expect(store.usedBy).toContainEqual(
      expect.objectContaining({
        ref: 'component:default/legacy-orders',
        access: 'unknown',
      }),
    );
  });

  it('resolve_repository knows remotes in every form, and the nearest entity of a monorepo', async () => {
    for (const remote of [
      'git@github.com:lantern-example/payments-api.git',
      'ssh://git@github.com:22/lantern-example/payments-api',
      'https://someone:secret@github.com/lantern-example/payments-api.git',
      'github.com/lantern-example/payments-api',
      'lantern-example/payments-api',
      'https://github.com/Lantern-Example/payments-api/blob/main/src/index.ts',
    ]) {
      const found = await linus.ask('resolve_repository', { remote });
      expect(refs(found.entities)).toContain('component:default/payments-api');
      expect(JSON.stringify(found)).not.toContain('secret');
    }
    const nearest = await linus.ask('resolve_repository', {
      remote: 'git@github.com:lantern-example/monorepo.git',
      path: 'services/checkout/src/index.ts',
    });
    expect(nearest.entities[0]).toMatchObject({
      ref: 'component:default/checkout-service',
      nearest: true,
    });
    const nested = await linus.ask('resolve_repository', {
      remote: 'git@gitlab.lantern.example:payments/ledger.git',
    });
    expect(refs(nested.entities)).toContain('component:default/ledger');
    expect(
      (await linus.ask('resolve_repository', { remote: 'other/thing' })).more,
    ).toContain('nothing in this repository');
    expect(
      await linus.fail('resolve_repository', { remote: 'not a remote' }),
    ).toContain('not the address');
  });

  it("get_team is the caller's own by default", async () => {
    const own = await linus.ask('get_team');
    expect(own).toMatchObject({
      ref: 'group:default/payments-team',
      owns: { total: 11 },
    });
    expect(refs(own.members)).toContain('user:default/linus');
    const other = await linus.ask('get_team', { ref: 'platform' });
    expect(other.ref).toBe('group:default/platform-team');
    const ofUser = await linus.ask('get_team', { ref: 'joan' });
    expect(ofUser.ref).toBe('group:default/finance-team');
  });

  it('says clearly what is not installed', async () => {
    expect(await linus.fail('get_docs', { ref: 'payments-api' })).toContain(
      'TechDocs is not installed',
    );
    expect(
      await linus.fail('get_scorecard', { ref: 'payments-api' }),
    ).toContain('Tech Insights is not installed');
  });
});
