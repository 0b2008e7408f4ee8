import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { eventOf, makeTables, SETTINGS } from '../__testUtils__/usageFixture';
import {
  DatabaseUsageStore,
  StorableEvent,
  UnstorableError,
  UsageStore,
} from '../store';
import { UsageLog } from './UsageLog';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** A store that a test makes fail; keeps what is written in it, batch by batch. */
class TestStore implements UsageStore {
  readonly batches: string[][] = [];
  attempts = 0;
  failure?: (ids: string[]) => Error | undefined;

  async write(events: readonly StorableEvent[]): Promise<number> {
    await new Promise(setImmediate);
    this.attempts += 1;
    const ids = events.map(({ row }) => row.id);
    const error = this.failure?.(ids);
    if (error) {
      throw error;
    }
    this.batches.push(ids);
    return ids.length;
  }

  get ids() {
    return this.batches.flat();
  }
}

function start(
  options: { maxQueuedEvents?: number; batchWaitMs?: number } = {},
) {
  const store = new TestStore();
  const logger = mockServices.logger.mock();
  const log = new UsageLog({
    store,
    logger,
    settings: { ...SETTINGS, ...options },
    batchWaitMs: options.batchWaitMs ?? 60_000,
    retryMs: 1,
  });
  const record = (...ids: string[]) =>
    ids.forEach(id => log.record(eventOf({ id })));
  return { store, logger, log, record };
}

const names = (count: number) =>
  Array.from({ length: count }, (_, n) => `event-${n}`);

async function until(condition: () => boolean) {
  while (!condition()) {
    await new Promise(setImmediate);
  }
}

describe('UsageLog', () => {
  it('stores events together, and at once when there are many', async () => {
    const { store, log, record } = start();
    record(...names(199));
    await new Promise(setImmediate);
    expect(store.batches).toEqual([]);
    record('event-199');
    await until(() => store.batches.length > 0);
    expect(store.batches).toEqual([names(200)]);
    expect(log.status()).toEqual({ queued: 0, lost: 0 });
  });

  it('stores a few after a while', async () => {
    const { store, record } = start({ batchWaitMs: 1 });
    record('a', 'b');
    await until(() => store.batches.length > 0);
    record('c');
    await until(() => store.batches.length > 1);
    expect(store.batches).toEqual([['a', 'b'], ['c']]);
  });

  it('tries again what the database refuses, in order, and says so', async () => {
    const { store, logger, log, record } = start();
    store.failure = () => new Error('the database is gone');
    record(...names(250));
    const flushed = log.flush();
    await until(() => store.attempts > 3);
    expect(log.status()).toEqual({
      queued: 250,
      lost: 0,
      lastError: 'the database is gone',
    });
    store.failure = undefined;
    await flushed;
    expect(store.ids).toEqual(names(250));
    expect(log.status()).toEqual({ queued: 0, lost: 0 });
    expect(logger.error).toHaveBeenCalledTimes(1);
    expect(logger.error).toHaveBeenCalledWith(
      'Usage events are not stored, and are tried again; 250 wait',
      expect.objectContaining({ message: 'the database is gone' }),
    );
  });

  it('loses the newest events when too many wait, and counts them', async () => {
    const { store, logger, log, record } = start({ maxQueuedEvents: 5 });
    record(...names(8));
    expect(log.status()).toMatchObject({ queued: 5, lost: 3 });
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('aiProxy.usage.maxQueuedEvents'),
      undefined,
    );
    await log.flush();
    expect(store.ids).toEqual(names(5));
  });

  it('stores all others of a batch with one that the database does not take', async () => {
    const { store, log, record } = start();
    store.failure = ids =>
      ids.includes('event-7') ? new UnstorableError('too odd') : undefined;
    record(...names(20));
    await log.flush();
    expect(store.ids).toEqual(names(20).filter(id => id !== 'event-7'));
    expect(log.status()).toMatchObject({ queued: 0, lost: 1 });
  });

  it('leaves out an event without sense, and goes on', async () => {
    const { store, log, record } = start();
    log.record(eventOf({ at: 'noon' }));
    log.record({} as never);
    record('sound');
    await log.flush();
    expect(store.ids).toEqual(['sound']);
    expect(log.status()).toMatchObject({ lost: 2 });
  });

  it('stores what waits at shutdown, and nothing after it', async () => {
    const { store, log, record } = start();
    record('a', 'b');
    await log.close();
    expect(store.ids).toEqual(['a', 'b']);
    record('late');
    await log.flush();
    expect(log.status()).toMatchObject({ queued: 0, lost: 1 });
  });

  it('does not wait at shutdown for a database that is gone', async () => {
    const { store, log, record } = start();
    store.failure = () => new Error('gone');
    record('a', 'b');
    const flushed = log.flush();
    await until(() => store.attempts > 1);
    await log.close();
    await flushed;
    expect(log.status()).toMatchObject({ queued: 0, lost: 2 });
  });

  it('goes on when measuring fails', async () => {
    const store = new TestStore();
    const log = new UsageLog({
      store,
      logger: mockServices.logger.mock(),
      settings: SETTINGS,
      telemetry: {
        observeQueue: jest.fn(),
        recordEvent: () => {
          throw new Error('no meter');
        },
        recordBatch: jest.fn(),
        recordLost: jest.fn(),
      },
    });
    log.record(eventOf({ id: 'a' }));
    await log.flush();
    expect(store.ids).toEqual(['a']);
  });
});

describe.each(databases.eachSupportedId())('UsageLog on %s', databaseId => {
  it('loses nothing and counts nothing twice when replicas store the same hour', async () => {
    const database = await databases.init(databaseId);
    await makeTables(database);
    const logger = mockServices.logger.mock();
    const logs = Array.from(
      { length: 4 },
      () =>
        new UsageLog({
          store: new DatabaseUsageStore({ database }),
          logger,
          settings: { maxQueuedEvents: 10_000 },
          retryMs: 1,
        }),
    );
    for (let n = 0; n < 2_000; n += 1) {
      logs[n % logs.length].record(
        eventOf({
          model: `model-${n % 7}`,
          principal: `00000000-0000-4000-8000-00000000000${n % 5}`,
          session: `session-${n % 11}`,
        }),
      );
    }
    await Promise.all(logs.map(log => log.close()));
    const sumOf = async (table: string) => {
      const [{ sum }] = await database(table).sum({ sum: 'requests' });
      return Number(sum);
    };
    expect(await sumOf('usage_by_caller')).toBe(2_000);
    expect(await sumOf('usage_by_model')).toBe(2_000);
    expect(await sumOf('usage_sessions')).toBe(2_000);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
