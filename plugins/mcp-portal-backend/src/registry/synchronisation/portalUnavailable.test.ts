import { TestDatabases } from '@backstage/backend-test-utils';
import {
  approvedGitlab,
  GITLAB,
  GITLAB_URL,
  people,
  tool,
  World,
} from '../__testUtils__/createRegistry';
import { PortalUnavailableError } from './PortalUnavailableError';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const { approver } = people;

describe.each(databases.eachSupportedId())(
  'a portal that cannot look at servers on %s',
  databaseId => {
    async function start() {
      const world = new World();
      const registry = await approvedGitlab(
        await databases.init(databaseId),
        world,
      );
      await registry.synchronisation.syncDue();
      const failWith = (error: Error) =>
        world.offers.set(GITLAB_URL, () => {
          throw error;
        });
      const sync = async () => {
        await registry.passTime();
        await registry.synchronisation.syncDue();
      };
      const server = () => registry.servers.get(GITLAB);
      return { ...registry, world, failWith, sync, server };
    }

    it('says nothing of them: their health stays, and they are looked at again soon', async () => {
      const { world, database, server, failWith, sync, served, logger } =
        await start();
      const before = await server();
      expect(before.health.state).toBe('healthy');
      failWith(new PortalUnavailableError('agent-auth is away'));
      world.contacted.length = 0;
      await sync();
      expect(world.contacted).toEqual([GITLAB_URL]);
      expect(await server()).toEqual(before);
      expect(logger.warn).toHaveBeenCalledWith(
        expect.stringContaining('agent-auth is away'),
      );
      const [row] = await database('servers').select(
        'sync_token',
        'next_sync_at',
      );
      expect(row).toEqual({
        sync_token: null,
        next_sync_at: expect.anything(),
      });
      // Sooner than a server that answers would be.
      const waitMs = new Date(row.next_sync_at).getTime() - Date.now();
      expect(waitMs).toBeLessThan(60_000);

      world.offers.set(GITLAB_URL, { tools: [tool('list')] });
      await sync();
      expect(served('gitlab')).toEqual(['list']);
    });

    it('leaves what was wrong with a server as it was', async () => {
      const { server, failWith, sync } = await start();
      failWith(new Error('Broken pipe'));
      await sync();
      const degraded = await server();
      expect(degraded).toMatchObject({
        health: { state: 'degraded', error: 'Broken pipe' },
        consecutiveFailures: 1,
      });
      failWith(new PortalUnavailableError('agent-auth is away'));
      await sync();
      expect(await server()).toEqual(degraded);
    });

    it('is told to who wants to look at one now, as its health does not say so', async () => {
      const { synchronisation, passTime, failWith, lifecycle } = await start();
      failWith(new PortalUnavailableError('agent-auth is away'));
      const refusal = { name: 'ServiceUnavailableError' };
      await passTime();
      await expect(
        synchronisation.syncNow(GITLAB, approver),
      ).rejects.toMatchObject(refusal);
      await passTime();
      await lifecycle.suspend(GITLAB, approver);
      await expect(
        synchronisation.inspectServer(GITLAB, approver),
      ).rejects.toMatchObject(refusal);
    });
  },
);
