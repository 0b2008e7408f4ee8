import { collectFacts, eventually, useDemo } from './demo';
import {
  CatalogClient,
  connectClient,
  connectLegacyClient,
  inspect,
} from './mcp';

const TOOLS = [
  'find_entities',
  'get_entity',
  'get_owner',
  'get_dependencies',
  'find_path',
  'impact_of',
  'find_apis',
  'get_api',
  'get_docs',
  'get_scorecard',
  'get_system',
  'get_data_stores',
  'resolve_repository',
  'get_team',
];

const WAIT_MS = 20_000;

const demo = useDemo();

describe.each([
  {
    title: 'the current MCP client',
    connect: connectClient,
    revision: '2026-07-28',
  },
  {
    title: 'the MCP client of the first generation',
    connect: connectLegacyClient,
    revision: '2025-11-25',
  },
])('$title', ({ connect, revision }) => {
  let linus: CatalogClient;

  beforeAll(async () => {
    linus = await connect(demo.endpoint, await demo.agentToken('linus'));
  });

  afterAll(async () => {
    await linus?.close();
  });

  it(`speaks ${revision} and sees every tool`, async () => {
    expect(linus.protocolVersion).toBe(revision);
    expect((await linus.listToolNames()).sort()).toEqual([...TOOLS].sort());
  });

  it('finds out who owns the payments API and how to reach them', async () => {
    await expect(
      linus.ask('get_owner', { ref: 'payments-api' }),
    ).resolves.toMatchObject({
      ref: 'component:default/payments-api',
      owner: {
        ref: 'group:default/payments-team',
        email: 'payments-team@lantern.example',
      },
      members: expect.arrayContaining([
        expect.objectContaining({ ref: 'user:default/linus' }),
      ]),
    });
  });

  it('follows dependencies through the organisation', async () => {
    const { path } = await linus.ask('find_path', {
      from: 'web-shop',
      to: 'payments-db',
    });
    expect(path.map(({ ref }: { ref: string }) => ref)).toEqual([
      'component:default/storefront-bff',
      'component:default/checkout-service',
      'component:default/payments-api',
      'resource:default/payments-db',
    ]);

    const { teams } = await linus.ask('impact_of', { ref: 'identity-service' });
    expect(teams.map(({ team }: { team: string }) => team)).toContain(
      'group:default/payments-team',
    );
  });

  it('searches the documentation and reads the page that fits as markdown', async () => {
    const { hits } = await linus.ask('get_docs', {
      ref: 'payments-api',
      search: 'rollback',
    });
    const runbook = hits.find(({ path }: { path: string }) =>
      path.startsWith('runbook/'),
    );
    expect(runbook.excerpt).toContain('pave rollback payments-api');
    expect(JSON.stringify(hits)).not.toMatch(/&[a-z]+;/);

    const { markdown } = await linus.ask('get_docs', {
      ref: 'payments-api',
      path: runbook.path,
    });
    expect(markdown).toMatch(/^# Runbook\n/);
    expect(markdown).toContain(
      '[move cards to the other acquirer](#move-cards-to-the-other-acquirer)',
    );
    expect(markdown).not.toMatch(/<\/\w+>/);
  });

  it('reads scorecards of real checks', async () => {
    await collectFacts(demo.url, await demo.signIn('ada'));

    await eventually(
      () => linus.ask('get_scorecard', { ref: 'payments-api' }),
      {
        what: 'complete scorecard',
        isWanted: ({ passed, total }) => passed === 4 && total === 4,
        timeoutMs: WAIT_MS,
      },
    );
    const { checks } = await linus.ask('get_scorecard', {
      ref: 'legacy-orders',
    });
    expect(checks).toContainEqual(
      expect.objectContaining({ id: 'isNotDeprecated', passed: false }),
    );
  });

  it('answers with the own team of whoever asks', async () => {
    const joan = await connect(demo.endpoint, await demo.agentToken('joan'));

    await expect(linus.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/payments-team',
    });
    await expect(joan.ask('get_team')).resolves.toMatchObject({
      ref: 'group:default/finance-team',
    });
    await joan.close();
  });
});

describe('MCP Inspector', () => {
  it('lists and calls tools with a token in a header', async () => {
    const token = await demo.agentToken('grace');

    const { tools } = await inspect(
      demo.endpoint,
      token,
      ...['--method', 'tools/list'],
    );
    expect(tools.map(({ name }: { name: string }) => name).sort()).toEqual(
      [...TOOLS].sort(),
    );

    const { structuredContent } = await inspect(
      demo.endpoint,
      token,
      ...['--method', 'tools/call', '--tool-name', 'get_owner'],
      ...['--tool-arg', 'ref=payments-api'],
    );
    expect(structuredContent.owner.ref).toBe('group:default/payments-team');
  });

  it('is refused without a valid token', async () => {
    await expect(
      inspect(demo.endpoint, 'invalid', '--method', 'tools/list'),
    ).rejects.toThrow('auth_required');
  });
});
