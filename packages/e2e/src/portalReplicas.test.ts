import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Client } from '@modelcontextprotocol/client';
import { eventually } from './demo';
import {
  callTool,
  connectPortal,
  OwnPortal,
  PortalUser,
  portalUrl,
  startPortal,
  toolNames,
} from './mcpServers';

const START_TIMEOUT_MS = 240_000;
const WAIT_MS = 30_000;

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

// Replicas share nothing but PostgreSQL, so there is nothing to prove without it.
const describeOnPostgres = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

describeOnPostgres('two backends of the demo on one PostgreSQL', () => {
  const replicas: OwnPortal[] = [];
  const clients: Client[] = [];
  let folder: string;
  let ada: PortalUser;
  let linus: PortalUser;

  /** Each request of the client goes to the other backend than the one before. */
  async function connect(era: 'auto' | 'legacy'): Promise<Client> {
    const [{ url: first }] = replicas;
    let requests = 0;
    const client = await connectPortal(portalUrl(first), {
      token: await linus.agentToken(portalUrl(first)),
      era,
      fetch: (url, init) => {
        const { url: replica } = replicas[requests++ % replicas.length];
        return fetch(String(url).replace(first, replica), init);
      },
    });
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portal-replicas-'));
    const knex = await databases.init('POSTGRES_15');
    const { host, port, user, password, database } =
      knex.client.config.connection;
    for (const name of ['first', 'second']) {
      const own = join(folder, name);
      mkdirSync(own);
      replicas.push(
        await startPortal({
          folder: own,
          config: {
            backend: {
              database: {
                client: 'pg',
                connection: { host, port, user, password, database },
                pluginDivisionMode: 'schema',
              },
            },
            mcpPortal: { registry: { catalogInterval: { seconds: 1 } } },
          },
          replicaOf: replicas[0],
        }),
      );
    }
    ada = await PortalUser.signIn(replicas[0].url, 'ada');
    linus = await PortalUser.signIn(replicas[0].url, 'linus');
    const client = await connect('auto');
    // Both show what one of them has asked for.
    for (const _replica of replicas) {
      await eventually(() => toolNames(client), {
        what: 'tools of all servers',
        isWanted: names =>
          ['catalog_', 'releases_', 'tracker_'].every(server =>
            names.some(name => name.startsWith(server)),
          ),
        timeoutMs: WAIT_MS,
      });
    }
  }, 2 * START_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(clients.map(client => client.close()));
    await Promise.all(replicas.map(replica => replica.stop()));
    if (folder) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(['auto', 'legacy'] as const)(
    'serve one client in turns (%s)',
    async era => {
      const client = await connect(era);
      const names = await toolNames(client);
      const { id } = await callTool(client, 'tracker_create_issue', {
        title: `Reported in turns (${era})`,
        service: 'ledger',
      });
      for (let call = 0; call < 6; call++) {
        expect(await toolNames(client)).toEqual(names);
        expect(await callTool(client, 'tracker_get_issue', { id })).toEqual(
          expect.objectContaining({ id }),
        );
        expect(
          await callTool(client, 'catalog_get_owner', { ref: 'payments-api' }),
        ).toEqual(expect.anything());
      }
    },
  );

  it.each(['auto', 'legacy'] as const)(
    'hold a call at one until it is approved at the other (%s)',
    async era => {
      const client = await connect(era);
      const { id } = await callTool(client, 'tracker_create_issue', {
        title: 'To be deleted',
        service: 'ledger',
      });
      const waiting = callTool(client, 'tracker_delete_issue', { id });
      waiting.catch(() => {});
      const [one, other] = replicas.map(({ url }) => ada.at(url));
      await heldCall(one, id);
      const held = await heldCall(other, id);
      await other.api(`/approvals/${held.id}/decide`, { decision: 'approve' });

      await expect(waiting).resolves.toEqual({ deleted: id });
    },
  );

  it('keep one audit trail, which both show', async () => {
    const client = await connect('auto');
    await callTool(client, 'tracker_list_issues');
    await callTool(client, 'releases_list_releases');
    const newest = await Promise.all(
      replicas.map(async ({ url }) => {
        const { items } = await ada
          .at(url)
          .api('/admin/audit/records?action=tools/call&limit=2');
        return items.map((item: any) => item.record.target);
      }),
    );
    expect(newest).toEqual(
      replicas.map(() => ['list_releases', 'list_issues']),
    );
  });
});

/** The call about an issue that a user may decide. */
async function heldCall(user: PortalUser, id: string): Promise<{ id: string }> {
  return eventually<any>(
    async () => {
      const { items } = await user.api('/approvals?state=pending');
      return items.find(
        (item: { arguments: { id?: string } }) => item.arguments.id === id,
      );
    },
    {
      what: 'call that waits for an approval',
      isWanted: found => found !== undefined,
      timeoutMs: WAIT_MS,
    },
  );
}
