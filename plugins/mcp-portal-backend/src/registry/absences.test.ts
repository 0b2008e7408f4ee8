import { TestDatabases } from '@backstage/backend-test-utils';
import { metricsServiceMock } from '@backstage/backend-test-utils/alpha';
import {
  createRegistry,
  people,
  serverEntity,
  World,
} from './__testUtils__/createRegistry';
import { observeRegistry } from './observeRegistry';
import { toRegisteredServer } from './ServerRecord';

jest.setTimeout(120_000);

const GRACE_MS = 600_000;
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const refOf = (name: string) => `api:default/${name}`;

describe.each(databases.eachSupportedId())(
  'approved servers that the catalog does not have any more, on %s',
  databaseId => {
    /** Replicas whose servers are all approved, and a clock that all share. */
    async function start(names: string[], absenceGraceMs = GRACE_MS) {
      const world = new World();
      const database = await databases.init(databaseId);
      let passedMs = 0;
      const replica = () =>
        createRegistry(database, world, {
          absenceGraceMs,
          wallClock: () => Date.now() + passedMs,
          configured: names.map(name => ({
            name,
            entityRef: refOf(name),
            approval: { classes: {}, defaultClass: 'read', pins: {} },
          })),
        });
      const replicas = [await replica(), await replica()];
      /** Each replica reads a catalog of these. */
      const read = async (...present: string[]) => {
        world.entities = present.map(name => serverEntity(name));
        await Promise.all(replicas.map(({ watch }) => watch.refresh()));
        await Promise.all(replicas.map(({ view }) => view.refresh()));
        const served = replicas.map(({ view }) => [
          ...view.current().servers.keys(),
        ]);
        expect(served[1]).toEqual(served[0]);
        return served[0];
      };
      const pass = (ms: number) => {
        passedMs += ms;
      };
      expect(await read(...names)).toEqual(names);
      return { ...replicas[0], read, pass };
    }

    it('are suspended at once when they go alone, and come back at once', async () => {
      const { read, servers, logger } = await start(['a', 'b', 'c']);
      expect(await read('b', 'c')).toEqual(['b', 'c']);
      expect(await servers.getByName('a')).toMatchObject({
        status: 'suspended',
        suspensionCause: 'absent',
      });
      expect(logger.error).not.toHaveBeenCalled();
      expect(await read('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    });

    it.each([
      ['the only one', ['a'], []],
      ['all', ['a', 'b', 'c'], []],
      ['two of three', ['a', 'b', 'c'], ['c']],
      ['a third of many', [...'abcdefghi'], [...'abcdef']],
    ])(
      'stay served when %s went, until it was so for the grace time',
      async (_which, names, left) => {
        const { read, pass, servers, logger, view } = await start(names);
        const [first] = names.filter(name => !left.includes(name));
        const gone = names.length - left.length;
        expect(await read(...left)).toEqual(names);
        expect(logger.error).toHaveBeenCalledWith(
          expect.stringContaining(
            `${gone} of ${names.length} approved MCP servers are missing in the catalog`,
          ),
        );
        expect(
          toRegisteredServer(await servers.getByName(first)),
        ).toMatchObject({
          status: 'approved',
          statusReason: expect.stringContaining('missing in the catalog'),
        });
        expect(await unconfirmedAbsences(view)).toBe(gone);
        pass(GRACE_MS - 30_000);
        expect(await read(...left)).toEqual(names);
        pass(30_000);
        expect(await read(...left)).toEqual(left);
        expect(await unconfirmedAbsences(view)).toBe(0);
      },
    );

    it('have the whole grace time again after they were seen', async () => {
      const names = ['a', 'b', 'c'];
      const { read, pass, servers, view } = await start(names);
      await read();
      pass(GRACE_MS);
      expect(await read(...names)).toEqual(names);
      expect(
        toRegisteredServer(await servers.getByName('a')).statusReason,
      ).toBe('Approved by the configuration');
      expect(await unconfirmedAbsences(view)).toBe(0);
      await read();
      expect(await read()).toEqual(names);
    });

    it('are held as soon as too many went, also one after the other', async () => {
      const names = [...'abcdef'];
      const { read, pass } = await start(names);
      expect(await read(...'bcdef')).toEqual([...'bcdef']);
      expect(await read(...'cdef')).toEqual([...'bcdef']);
      expect(await read(...'def')).toEqual([...'bcdef']);
      pass(GRACE_MS);
      expect(await read(...'def')).toEqual([...'def']);
      // Those were believed, and what goes now goes alone.
      expect(await read(...'de')).toEqual([...'de']);
    });

    it('can be suspended by a person meanwhile, and are then not lifted by themselves', async () => {
      const { read, lifecycle, servers } = await start(['a', 'b', 'c']);
      await read();
      await lifecycle.suspend(refOf('a'), people.approver, 'It is gone');
      expect(await read()).toEqual(['b', 'c']);
      expect(await read('a', 'b', 'c')).toEqual(['b', 'c']);
      expect(await servers.getByName('a')).toMatchObject({
        suspensionCause: 'manual',
        statusReason: 'It is gone',
      });
    });

    it('cannot be resumed or approved as long as they are missing', async () => {
      const { read, lifecycle } = await start(['a', 'b', 'c']);
      await read();
      await lifecycle.suspend(refOf('a'), people.approver);
      await expect(
        lifecycle.resume(refOf('a'), people.approver, {}),
      ).rejects.toThrow('not in the catalog');
    });

    it('are all suspended at once where the configuration gives no grace time', async () => {
      const { read } = await start(['a', 'b', 'c'], 0);
      expect(await read()).toEqual([]);
    });
  },
);

async function unconfirmedAbsences(
  view: Parameters<typeof observeRegistry>[0]['view'],
): Promise<number> {
  const metrics = metricsServiceMock.mock();
  const observed = jest.fn();
  let callback!: (result: { observe: jest.Mock }) => void;
  metrics.createObservableGauge.mockReturnValue({
    addCallback: (given: typeof callback) => {
      callback = given;
    },
    removeCallback: () => {},
  } as never);
  observeRegistry({ metrics, view });
  callback({ observe: observed });
  return observed.mock.calls[0][0];
}
