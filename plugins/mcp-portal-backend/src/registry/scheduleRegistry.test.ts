import { mockServices } from '@backstage/backend-test-utils';
import type { CatalogWatch } from './CatalogWatch';
import { scheduleRegistry } from './scheduleRegistry';
import type { Synchronisation } from './synchronisation';

describe('the schedule of the registry', () => {
  it('asks the catalog on one replica, and servers on each, without waiting for a slow one', async () => {
    const scheduler = mockServices.scheduler.mock();
    const logger = mockServices.logger.mock();
    let read = false;
    const watch = {
      refresh: jest.fn(async () => {
        read = true;
      }),
    };
    const synchronisation = {
      syncDue: jest
        .fn()
        .mockImplementationOnce(async () => {
          expect(read).toBe(true);
          return new Promise(() => {});
        })
        .mockReturnValueOnce(new Promise(() => {}))
        .mockRejectedValueOnce(new Error('connection refused')),
    };
    await scheduleRegistry({
      scheduler,
      logger,
      watch: watch as unknown as CatalogWatch,
      synchronisation: synchronisation as unknown as Synchronisation,
      catalogIntervalMs: 7_000,
    });
    const [[catalog], [servers]] = scheduler.scheduleTask.mock.calls as any;
    expect(catalog.frequency).toEqual({ milliseconds: 7_000 });
    expect([catalog.scope, servers.scope]).toEqual([undefined, 'local']);
    await catalog.fn();
    // What is new in it is looked at without waiting for the next time.
    expect(synchronisation.syncDue).toHaveBeenCalledTimes(1);
    await servers.fn();
    await servers.fn();
    await new Promise(setImmediate);
    expect(synchronisation.syncDue).toHaveBeenCalledTimes(3);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('connection refused'),
    );
  });
});
