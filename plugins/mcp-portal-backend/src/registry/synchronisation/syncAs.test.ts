import { TestDatabases } from '@backstage/backend-test-utils';
import {
  approvedGitlab,
  GITLAB,
  GITLAB_URL,
  people,
  tool,
  World,
} from '../__testUtils__/createRegistry';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const { approver } = people;
const another = {
  ...approver,
  uuid: '00000000-0000-4000-8000-00000another',
  entityRef: 'user:default/another',
};

describe.each(databases.eachSupportedId())(
  'as whom servers are looked at on %s',
  databaseId => {
    async function start() {
      const world = new World();
      const read = jest.spyOn(world.reader, 'read');
      const registry = await approvedGitlab(
        await databases.init(databaseId),
        world,
      );
      const readAs = () =>
        read.mock.calls.splice(0).map(([, options]) => options.as);
      const sync = async () => {
        await registry.passTime();
        await registry.synchronisation.syncDue();
      };
      return { ...registry, world, readAs, sync };
    }

    it('is who asks, and on schedule whose approval stands, or who had it synchronised since', async () => {
      const { readAs, sync, synchronisation, passTime, lifecycle } =
        await start();
      expect(readAs()).toEqual([approver.uuid]);
      await sync();
      expect(readAs()).toEqual([approver.uuid]);

      await passTime();
      await synchronisation.syncNow(GITLAB, another);
      await sync();
      expect(readAs()).toEqual([another.uuid, another.uuid]);

      // Nobody's connection outlives what it was given for.
      await lifecycle.retire(GITLAB, approver);
      await lifecycle.propose(GITLAB, people.proposer);
      await synchronisation.inspectServer(GITLAB, approver);
      await passTime();
      await synchronisation.syncDue();
      expect(readAs()).toEqual([approver.uuid]);
    });

    it('stays who it was when somebody asks in vain', async () => {
      const { world, readAs, sync, synchronisation, passTime } = await start();
      world.offers.set(GITLAB_URL, () => {
        throw new Error('Connect the server first');
      });
      await passTime();
      await synchronisation.syncNow(GITLAB, another);
      world.offers.set(GITLAB_URL, { tools: [tool('list')] });
      await sync();
      expect(readAs()).toEqual([approver.uuid, another.uuid, approver.uuid]);
    });

    it('is told once when that does not work any more, while the last good snapshot stays', async () => {
      const { world, sync, logger, served, servers } = await start();
      world.offers.set(GITLAB_URL, () => {
        throw new Error('Connect the server first');
      });
      for (let round = 0; round < 3; round++) {
        await sync();
      }
      expect(served('gitlab')).toEqual(['create', 'list']);
      expect((await servers.get(GITLAB)).health).toMatchObject({
        state: 'degraded',
        error: 'Connect the server first',
      });
      expect(logger.warn).toHaveBeenCalledTimes(1);
    });
  },
);
