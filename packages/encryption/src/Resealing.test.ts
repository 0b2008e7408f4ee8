import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { Resealing } from './Resealing';
import { RotatingKeys } from './RotatingKeys';
import { SecretBox, type EncryptionKey } from './SecretBox';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const key = (id: string): EncryptionKey => ({ id, secret: id.repeat(40) });
const boxOf = (...ids: string[]) =>
  new SecretBox(ids.map(key), { purpose: 'tests', configKey: 'tests.keys' });

interface Row {
  owner: string;
  place: string;
  sealed: string | null;
}

const contextOf = ({ owner, place }: Omit<Row, 'sealed'>) =>
  `${owner} ${place}`;

describe.each(databases.eachSupportedId())('Resealing on %s', databaseId => {
  async function start() {
    const database = await databases.init(databaseId);
    await database.schema.createTable('secrets', table => {
      table.string('owner');
      table.string('place');
      table.text('sealed');
      table.primary(['owner', 'place']);
    });
    const put = (box: SecretBox, owner: string, place = 'here') =>
      database('secrets').insert({
        owner,
        place,
        sealed: box.seal(`of ${owner}`, contextOf({ owner, place })),
      });
    const logger = mockServices.logger.mock();
    const reseal = (box: SecretBox) =>
      new Resealing({
        database,
        box,
        columns: [
          {
            table: 'secrets',
            column: 'sealed',
            primaryKey: ['owner', 'place'],
            contextOf,
          },
        ],
        logger,
      }).run();
    const open = async (box: SecretBox) =>
      (await database<Row>('secrets').whereNotNull('sealed')).map(row =>
        box.open(row.sealed!, contextOf(row)),
      );
    return { database, put, reseal, open, logger };
  }

  it('seals all with the first key, so that the others can be taken away', async () => {
    const { database, put, reseal, open, logger } = await start();
    // One key's id begins like the other's, and has a character that SQL takes for any.
    const both = boxOf('k', 'k.%_');
    for (let i = 0; i < 120; i++) {
      await put(boxOf('k.%_'), `old ${i}`);
    }
    await put(boxOf('k'), 'new');
    await database('secrets').insert({ owner: 'none', place: 'here' });
    expect(await reseal(both)).toEqual({ resealed: 120, left: new Map() });
    expect(await open(boxOf('k'))).toHaveLength(121);
    expect(await reseal(both)).toEqual({ resealed: 0, left: new Map() });
    expect(logger.info).toHaveBeenLastCalledWith(
      expect.stringContaining('none needs another key'),
    );
  });

  it('leaves what does not open, says which keys are needed, and goes on', async () => {
    const { put, reseal, open, logger } = await start();
    for (let i = 0; i < 101; i++) {
      await put(boxOf('gone'), `a ${i}`);
    }
    await put(boxOf('old'), 'b');
    expect(await reseal(boxOf('new', 'old'))).toEqual({
      resealed: 1,
      left: new Map([['gone', 101]]),
    });
    expect(await open(boxOf('new', 'gone'))).toHaveLength(102);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('101 with the key "gone"'),
    );
  });

  it('overwrites nothing that somebody else changed meanwhile', async () => {
    const { database, put, reseal, open } = await start();
    await put(boxOf('old'), 'ada');
    const box = boxOf('new', 'old');
    const seal = box.seal.bind(box);
    let changed: Promise<number> | undefined;
    // Between reading and writing; on SQLite for sure, which does one thing after the other.
    jest.spyOn(box, 'seal').mockImplementation((text, context) => {
      changed = database('secrets')
        .update({ sealed: boxOf('old').seal('another', context) })
        .then(count => count);
      return seal(text, context);
    });
    await reseal(box);
    await changed;
    expect(await open(boxOf('new', 'old'))).toEqual(['another']);
  });
});

describe.each(databases.eachSupportedId())('RotatingKeys on %s', databaseId => {
  const DAY_MS = 24 * 60 * 60_000;

  async function start() {
    const database = await databases.init(databaseId);
    await database.schema.createTable('keys', table => {
      table.string('id', 64).primary();
      table.string('purpose', 20);
      table.text('secret');
      table.timestamp('created_at', { useTz: true });
    });
    let made = 0;
    const logger = mockServices.logger.mock();
    const keys = (box: SecretBox) =>
      new RotatingKeys({
        database,
        table: 'keys',
        box,
        purpose: 'signing',
        rotationMs: 30 * DAY_MS,
        generate: () => `key ${++made}`,
        logger,
      });
    return { database, keys, logger };
  }

  it('are made anew when none opens, and said to be once', async () => {
    const { keys, logger } = await start();
    await keys(boxOf('old')).rotate();
    const now = keys(boxOf('new'));
    expect(await now.current()).toEqual([]);
    await now.rotate();
    expect(await now.current()).toEqual(['key 2']);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    // Who has the key uses what there was, until the new one has been announced.
    expect(await keys(boxOf('old', 'new')).current()).toEqual([
      'key 1',
      'key 2',
    ]);
  });

  it('are not deleted for a successor that does not open', async () => {
    const { keys } = await start();
    await keys(boxOf('old')).rotate();
    await keys(boxOf('new')).rotate();
    const later = Date.now() + 29 * DAY_MS;
    // The new encryption key was taken back.
    await keys(boxOf('old')).rotate(later);
    expect(await keys(boxOf('old')).current(later)).toEqual(['key 1']);
  });

  it('are sealed anew, and nothing else of their table', async () => {
    const { database, keys } = await start();
    await keys(boxOf('old')).rotate();
    await database('keys').insert({
      id: 'development',
      purpose: 'encryption',
      secret: 'plain',
      created_at: new Date(),
    });
    const box = boxOf('new', 'old');
    const resealing = new Resealing({
      database,
      box,
      columns: [keys(box).sealed],
      logger: mockServices.logger.mock(),
    });
    expect(await resealing.run()).toEqual({ resealed: 1, left: new Map() });
    expect(await keys(boxOf('new')).current()).toEqual(['key 1']);
  });
});
