import { TestDatabases } from '@backstage/backend-test-utils';
import { Replicas, startReplicas } from '../__testUtils__/startReplicas';
import { eventually } from '../__testUtils__/startPortal';
import { TestClient } from '../__testUtils__/TestClient';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

// Replicas share nothing but PostgreSQL, so there is nothing to prove without it.
const describeOnPostgres = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

describeOnPostgres(
  'two replicas on PostgreSQL, whose clocks differ by 30 s',
  () => {
    let replicas: Replicas;

    beforeAll(async () => {
      const knex = await databases.init('POSTGRES_15');
      const { connection } = knex.client.config;
      replicas = await startReplicas({
        count: 2,
        connection,
        env: { WITH_MCP_ACTIONS: 'true' },
      });
    });

    afterAll(() => replicas?.stop());

    const clientAt = (replica: number) =>
      new TestClient(replicas.portals[replica]);

    /** Uses a token at a replica. */
    async function statusAt(replica: number, token: string): Promise<number> {
      const { url } = replicas.replicas[replica];
      const response = await fetch(`${url}/api/catalog-mcp/v1`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return response.status;
    }

    it('tell clients of their own authorization server, beside the MCP actions plugin', async () => {
      const [{ url, issuer }] = replicas.portals;
      const wellKnown = `${url}/.well-known/oauth-authorization-server`;
      const read = async (path: string) =>
        (await (await fetch(`${wellKnown}${path}`)).json()).issuer;
      expect(await read('/api/agent-auth')).toBe(issuer);
      expect(await read('/api/auth')).toBe(`${url}/api/auth`);
    });

    it('let a client go from one to the other in the middle of a sign-in', async () => {
      const first = clientAt(0);
      const answer = await first.authorize('user:default/ada');
      const second = Object.assign(clientAt(1), { verifier: first.verifier });
      const { status, body } = await second.exchange(answer.get('code')!);
      expect(status).toBe(200);
      expect(await statusAt(0, body.access_token)).toBe(200);
      expect(await statusAt(1, body.access_token)).toBe(200);
      const refreshed = await first.token({
        grant_type: 'refresh_token',
        refresh_token: body.refresh_token,
      });
      expect(refreshed.status).toBe(200);
    });

    it('both refuse within 5 seconds what was revoked at one of them', async () => {
      const client = clientAt(0);
      const { access_token } = await client.connect('user:default/linus');
      expect(await statusAt(1, access_token)).toBe(200);
      const revoked = await fetch(
        `${replicas.replicas[0].url}/api/agent-auth/connections`,
        {
          method: 'DELETE',
          headers: {
            authorization: await replicas.portals[0].signIn(
              'user:default/linus',
            ),
          },
        },
      );
      expect(await revoked.json()).toEqual({ revoked: 1 });
      const started = Date.now();
      await eventually(async () => (await statusAt(1, access_token)) === 401);
      expect(Date.now() - started).toBeLessThan(5_000);
    });

    it('act in Backstage for one user at the same time', async () => {
      const { access_token } = await clientAt(0).connect('user:default/ada');
      const answers = await Promise.all(
        [0, 1, 0, 1, 1, 0].map(async replica => {
          const { url } = replicas.replicas[replica];
          const response = await fetch(
            `${url}/api/catalog-mcp/v1?acting=true`,
            {
              headers: { authorization: `Bearer ${access_token}` },
            },
          );
          return (await response.json()).actingAs?.userEntityRef;
        }),
      );
      expect(new Set(answers)).toEqual(new Set(['user:default/ada']));
    });

    it('lose no sign-in when one is killed between code and token', async () => {
      const first = clientAt(1);
      const answer = await first.authorize('user:default/ada');
      await replicas.replicas[1].kill();
      const second = Object.assign(clientAt(0), { verifier: first.verifier });
      const { status, body } = await second.exchange(answer.get('code')!);
      expect(status).toBe(200);
      await replicas.replicas[1].restart();
      expect(await statusAt(1, body.access_token)).toBe(200);
    });

    it('refuse nobody for good when the database is gone for a while', async () => {
      const { access_token } = await clientAt(0).connect('user:default/ada');
      expect(await statusAt(0, access_token)).toBe(200);
      replicas.cutDatabase();
      // Known for some seconds; then nobody can say that it was not revoked.
      expect(await statusAt(0, access_token)).toBe(200);
      const statuses = new Set<number>();
      await eventually(async () => {
        statuses.add(await statusAt(0, access_token));
        return statuses.has(503);
      });
      await replicas.restoreDatabase();
      await eventually(async () => {
        const status = await statusAt(0, access_token);
        statuses.add(status);
        return status === 200;
      });
      // 401 would have made the client throw its token away.
      expect([...statuses].sort()).toEqual([200, 503]);
    });
  },
);
