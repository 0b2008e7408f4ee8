import { TestDatabases } from '@backstage/backend-test-utils';
import {
  createRegistry,
  serverEntity,
  tool,
  World,
} from '../__testUtils__/createRegistry';
import { SyncLeases } from './SyncLeases';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const AT_ONCE = 4;
const NAMES = Array.from({ length: 20 }, (_, n) => `s${n + 10}x`);
const urlOf = (name: string) => `https://${name}.example.com/mcp`;

describe.each(databases.eachSupportedId())(
  'snapshots of many servers on %s',
  databaseId => {
    /** Servers that are approved, and were never asked. */
    async function start(answer: (name: string) => Promise<void>) {
      const world = new World();
      world.entities = NAMES.map(name => serverEntity(name));
      const running = { now: 0, most: 0 };
      for (const name of NAMES) {
        world.offers.set(urlOf(name), async () => {
          running.now++;
          running.most = Math.max(running.most, running.now);
          await answer(name);
          running.now--;
          return { tools: [tool('list')] };
        });
      }
      const database = await databases.init(databaseId);
      const replica = () =>
        createRegistry(database, world, {
          configured: NAMES.map(name => ({
            name,
            entityRef: `api:default/${name}`,
            approval: { classes: {}, defaultClass: 'read', pins: {} },
          })),
        });
      const registry = await replica();
      await registry.watch.refresh();
      const healthy = async () =>
        (await registry.servers.list()).filter(
          ({ health }) => health.state === 'healthy',
        ).length;
      return { ...registry, world, running, replica, healthy };
    }

    it('are taken one after the other, each once, and few at the same time', async () => {
      const started = await start(async () => {
        // None answers before as many are asked as may be.
        while (started.running.most < AT_ONCE) {
          await new Promise(resolve => setTimeout(resolve, 5));
        }
        await new Promise(resolve => setTimeout(resolve, 20));
      });
      const { synchronisation, world, running, healthy } = started;
      await Promise.all([
        synchronisation.syncDue(),
        synchronisation.syncDue(),
        synchronisation.syncDue(),
      ]);
      expect(await healthy()).toBe(NAMES.length);
      expect([...world.contacted].sort()).toEqual(NAMES.map(urlOf));
      expect(running.most).toBe(AT_ONCE);
    });

    it('do not wait for servers that do not answer, as long as one slot is left', async () => {
      const slow = NAMES.slice(0, AT_ONCE - 1);
      let release!: () => void;
      const released = new Promise<void>(resolve => {
        release = resolve;
      });
      const { synchronisation, healthy } = await start(async name =>
        slow.includes(name) ? released : undefined,
      );
      const done = synchronisation.syncDue();
      const rest = NAMES.length - slow.length;
      for (let times = 0; (await healthy()) < rest && times < 200; times++) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      expect(await healthy()).toBe(rest);
      release();
      await done;
      expect(await healthy()).toBe(NAMES.length);
    });

    it('are shared among replicas, which take none twice', async () => {
      const { synchronisation, replica, world, healthy } = await start(
        async () => new Promise(resolve => setTimeout(resolve, 5)),
      );
      const other = await replica();
      await Promise.all([
        synchronisation.syncDue(),
        other.synchronisation.syncDue(),
      ]);
      expect(await healthy()).toBe(NAMES.length);
      expect(world.contacted).toHaveLength(NAMES.length);
    });

    it('end soon when the portal stops', async () => {
      const { synchronisation, world } = await start(
        () => new Promise(resolve => setTimeout(resolve, 20)),
      );
      const done = synchronisation.syncDue();
      while (world.contacted.length === 0) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      await synchronisation.stop();
      await done;
      expect(world.contacted.length).toBeLessThanOrEqual(AT_ONCE);
    });

    it('are due first of those that were never asked, then of those that wait longest', async () => {
      const { database } = await start(async () => {});
      const [newest, first, second, later] = NAMES;
      for (const [name, inMs] of [
        [second, -1_000],
        [first, -2_000],
        [later, 60_000],
      ] as const) {
        await database('servers')
          .where({ name })
          .update({ next_sync_at: new Date(Date.now() + inMs) });
      }
      await database('servers')
        .whereNotIn('name', [newest, first, second, later])
        .update({ status: 'suspended' });
      const leases = new SyncLeases({ database, leaseMs: 60_000 });
      expect(await leases.due(10)).toEqual(
        [newest, first, second].map(name => `api:default/${name}`),
      );
    });
  },
);
