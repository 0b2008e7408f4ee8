import type { Client } from '@modelcontextprotocol/client';
import { eventually, useDemo } from './demo';
import {
  callTool,
  connectPortal,
  PortalUser,
  portalUrl,
  toolNames,
} from './mcpServers';
import {
  authorizeWithoutBrowser,
  connectWithOAuth,
  currentGeneration,
  legacyGeneration,
} from './oauth';

const WAIT_MS = 20_000;

/** What every persona may do. */
const READS = [
  'portal_list_servers',
  'portal_switch_server',
  'releases_get_release',
  'releases_list_releases',
  'releases_plan',
  'tracker_get_issue',
  'tracker_list_issues',
  'tracker_search_issues',
];

/** What has to be approved by somebody of the platform team. */
const HELD = ['releases_rollback', 'tracker_delete_issue'];
const WRITES = ['tracker_comment', 'tracker_create_issue'];

const demo = useDemo();

/** Without the tools of the catalog, which are tested elsewhere. */
async function ownTools(client: Client): Promise<string[]> {
  return (await toolNames(client)).filter(name => !name.startsWith('catalog_'));
}

describe('the portal of the demo', () => {
  const clients: Client[] = [];
  let ada: PortalUser;
  let linus: PortalUser;

  async function connected(
    user: PortalUser,
    options?: Parameters<PortalUser['connect']>[0],
  ): Promise<Client> {
    const client = await user.connect(options);
    clients.push(client);
    return client;
  }

  /** The call with this argument that Ada may decide. */
  async function pendingCall(argument: string): Promise<{ id: string }> {
    return eventually<any>(
      async () => {
        const { items } = await ada.api('/approvals?state=pending');
        return items.find((item: { arguments: object }) =>
          Object.values(item.arguments).includes(argument),
        );
      },
      {
        what: 'call that waits for an approval',
        isWanted: found => found !== undefined,
        timeoutMs: WAIT_MS,
      },
    );
  }

  async function approve(argument: string): Promise<void> {
    const { id } = await pendingCall(argument);
    await ada.api(`/approvals/${id}/decide`, { decision: 'approve' });
  }

  beforeAll(async () => {
    ada = await PortalUser.signIn(demo.url, 'ada');
    linus = await PortalUser.signIn(demo.url, 'linus');
    const client = await connected(linus);
    // The portal asks its servers once the demo is ready.
    await eventually(() => toolNames(client), {
      what: 'tools of all servers',
      isWanted: names =>
        ['catalog_', 'releases_', 'tracker_'].every(server =>
          names.some(name => name.startsWith(server)),
        ),
      timeoutMs: WAIT_MS,
    });
  });

  afterAll(async () => {
    await Promise.all(clients.map(client => client.close()));
  });

  it.each([
    { sdk: 'second', generation: currentGeneration, path: '/mcp' },
    { sdk: 'first', generation: legacyGeneration, path: '/mcp' },
    {
      sdk: 'second',
      generation: currentGeneration,
      path: '/api/mcp-portal/v1/default',
    },
    {
      sdk: 'first',
      generation: legacyGeneration,
      path: '/api/mcp-portal/v1/default',
    },
  ])(
    'signs a client in by OAuth that knows only $path (SDK of the $sdk generation)',
    async ({ generation, path }) => {
      const url = `${demo.url}${path}`;
      const client = await connectWithOAuth(url, {
        openBrowser: page => authorizeWithoutBrowser(page, linus.pageToken),
        generation,
      });
      try {
        const [authorization] = client.auth.authorizationUrls;
        expect(authorization.searchParams.get('resource')).toBe(url);
        expect(await client.listToolNames()).toEqual(
          expect.arrayContaining([...READS, ...WRITES, 'catalog_get_owner']),
        );
        await expect(
          client.ask('tracker_get_issue', { id: 'LAN-2' }),
        ).resolves.toMatchObject({ service: 'payments-api' });
        await expect(client.ask('catalog_get_team')).resolves.toMatchObject({
          ref: 'group:default/payments-team',
        });
      } finally {
        await client.close();
      }
    },
  );

  it.each([
    { persona: 'ada', more: [...HELD, ...WRITES, 'releases_promote'] },
    { persona: 'linus', more: [...HELD, ...WRITES] },
    { persona: 'grace', more: ['tracker_comment'] },
    { persona: 'joan', more: [] },
  ] as const)(
    'shows $persona the tools that policy permits',
    async ({ persona, more }) => {
      const user = await PortalUser.signIn(demo.url, persona);
      expect(await ownTools(await connected(user))).toEqual(
        [...READS, ...more].sort(),
      );
    },
  );

  it('shows and calls only what a token is allowed', async () => {
    const url = portalUrl(demo.url);
    const token = await linus.agentToken(url, ['tools:read']);
    const client = await connectPortal(url, { token });
    clients.push(client);

    expect(await ownTools(client)).toEqual(READS);
    const refused = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'tracker_create_issue',
          arguments: { title: 'Not allowed', service: 'ledger' },
        },
      }),
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*tools:write/,
    );
    expect(
      await callTool(client, 'tracker_search_issues', { query: 'Not allowed' }),
    ).toMatchObject({ total: 0 });
  });

  it('reports an issue in the name of who is calling', async () => {
    const client = await connected(linus);
    const created = await callTool(client, 'tracker_create_issue', {
      title: 'Ledger is slow',
      service: 'ledger',
    });
    expect(created.reporter).toMatch(/^[0-9a-f-]{36}$/);

    const commented = await callTool(await connected(ada), 'tracker_comment', {
      id: created.id,
      text: 'Since Monday',
    });
    const [{ author }] = commented.comments;
    expect(author).toMatch(/^[0-9a-f-]{36}$/);
    expect(author).not.toBe(created.reporter);
  });

  it('holds a call until somebody of the platform team approves it', async () => {
    const client = await connected(linus);
    const { id } = await callTool(client, 'tracker_create_issue', {
      title: 'To be deleted',
      service: 'ledger',
    });
    const waiting = callTool(client, 'tracker_delete_issue', { id });
    waiting.catch(() => {});
    const pending = await pendingCall(id);
    await expect(
      linus.api(`/approvals/${pending.id}/decide`, { decision: 'approve' }),
    ).rejects.toThrow('403');
    await expect(
      callTool(client, 'tracker_get_issue', { id }),
    ).resolves.toMatchObject({ id });

    await approve(id);
    await expect(waiting).resolves.toEqual({ deleted: id });
    await expect(callTool(client, 'tracker_get_issue', { id })).rejects.toThrow(
      `There is no issue ${id}`,
    );
  });

  it('tells how far a promotion is', async () => {
    const client = await connected(ada);
    const steps: string[] = [];
    const promoted = await client.callTool(
      { name: 'releases_promote', arguments: { service: 'search-service' } },
      { onprogress: ({ message = '' }) => steps.push(message) },
    );
    expect(promoted).toMatchObject({
      structuredContent: {
        version: '1.18.0',
        stage: 'production',
      },
    });
    expect(steps).toEqual(
      expect.arrayContaining(['Roll out to half of the instances']),
    );
  });

  it.each([
    { answer: false, version: '2.30.4' },
    { answer: true, version: '2.30.3' },
  ])(
    'asks the user before a rollback that was approved, who answers $answer',
    async ({ answer, version }) => {
      const questions: string[] = [];
      const client = await connected(linus, {
        confirm: question => {
          questions.push(question);
          return answer;
        },
      });
      const service = 'checkout-service';
      const waiting = client.callTool({
        name: 'releases_rollback',
        arguments: { service },
      });
      waiting.catch(() => {});
      await approve(service);

      expect((await waiting).isError ?? false).toBe(!answer);
      expect(questions).toEqual([
        'Roll checkout-service back from 2.30.4 to 2.30.3?',
      ]);
      const { releases } = await callTool(client, 'releases_list_releases', {
        service,
        stage: 'production',
      });
      expect(releases).toEqual([expect.objectContaining({ version })]);
    },
  );

  it('lets everybody read what is released, without a token', async () => {
    const client = await connectPortal(`${demo.url}/mcp/public`);
    clients.push(client);

    expect(await toolNames(client)).toEqual([
      'portal_list_servers',
      'releases_get_release',
      'releases_list_releases',
      'releases_plan',
    ]);
    await expect(
      callTool(client, 'releases_list_releases', { service: 'payments-api' }),
    ).resolves.toMatchObject({ releases: expect.any(Array) });
    await expect(
      callTool(client, 'releases_promote', { service: 'payments-api' }),
    ).rejects.toThrow();
  });

  it('lets only the finance team into its portal, and lets it read only', async () => {
    const joan = await PortalUser.signIn(demo.url, 'joan');
    const names = await toolNames(await connected(joan, { portal: 'finance' }));
    expect(names).toEqual(
      expect.arrayContaining(['tracker_get_issue', 'catalog_get_owner']),
    );
    expect(names).not.toContainEqual(
      expect.stringMatching(/^releases_|create|comment|delete/),
    );
    await expect(linus.connect({ portal: 'finance' })).rejects.toThrow('403');
  });

  it.each(['tracker', 'releases'])(
    'is the only way to the server %s',
    async server => {
      const response = await fetch(`${demo.url}/demo-mcp/${server}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await linus.agentToken(
            portalUrl(demo.url),
          )}`,
        },
      });
      expect(response.status).toBe(401);
    },
  );
});
