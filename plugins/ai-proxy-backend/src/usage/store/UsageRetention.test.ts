import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  eventOf,
  makeTables,
  SETTINGS,
  storeEvents,
} from '../__testUtils__/usageFixture';
import { UsageRetention } from './UsageRetention';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'UsageRetention on %s',
  databaseId => {
    it('deletes events after their time, and sums after theirs', async () => {
      const database = await databases.init(databaseId);
      await makeTables(database);
      await storeEvents(database, [
        // More than are deleted at once.
        ...Array.from({ length: 2_100 }, () =>
          eventOf({ at: '2026-10-21T07:00:00Z', session: 'old' }),
        ),
        eventOf({ at: '2026-10-22T12:00:00Z', session: 'new' }),
        eventOf({ at: '2025-10-17T11:00:00Z' }),
        eventOf({ at: '2025-10-17T12:00:00Z' }),
      ]);
      const retention = new UsageRetention({
        database,
        settings: SETTINGS,
        logger: mockServices.logger.mock(),
        clock: () => new Date('2026-11-21T12:00:00Z'),
      });
      expect(await retention.expire()).toEqual({
        events: 2_102,
        sessions: 1,
        rollups: 2,
        texts: 0,
      });
      expect(await database('usage_events').pluck('session')).toEqual(['new']);
      expect(await database('usage_sessions').pluck('session')).toEqual([
        'new',
      ]);
      const hours = await database('usage_by_caller')
        .orderBy('hour')
        .pluck('hour');
      expect(
        hours.map(hour => new Date(hour * 3_600_000).toISOString()),
      ).toEqual([
        '2025-10-17T12:00:00.000Z',
        '2026-10-21T07:00:00.000Z',
        '2026-10-22T12:00:00.000Z',
      ]);
      expect(await retention.expire()).toEqual({
        events: 0,
        sessions: 0,
        rollups: 0,
        texts: 0,
      });
    });

    it('deletes texts to which nothing refers any more, however clients made them up', async () => {
      const database = await databases.init(databaseId);
      await makeTables(database);
      await storeEvents(database, [
        ...Array.from({ length: 50 }, (_, index) =>
          eventOf({
            at: '2025-10-16T08:00:00Z',
            refusal: `made up ${index}`,
            teams: [`group:default/left-${index}`],
          }),
        ),
        eventOf({ at: '2025-10-16T08:00:00Z', model: 'used' }),
        eventOf({ model: 'used' }),
        // Later in coming, and no reason to keep it for less.
        eventOf({ at: '2025-10-16T08:00:00Z', model: 'used' }),
      ]);
      const retention = new UsageRetention({
        database,
        settings: SETTINGS,
        logger: mockServices.logger.mock(),
        clock: () => new Date('2026-11-21T12:00:00Z'),
      });
      expect((await retention.expire()).texts).toBe(100);
      expect(await database('usage_series').distinct('model')).toEqual([
        { model: 'used' },
      ]);
      expect(
        await database('usage_team_sets').orderBy('team').pluck('team'),
      ).toEqual(['group:default/engineering', 'group:default/payments']);
    });

    it('keeps texts to which a request refers that is being stored', async () => {
      const database = await databases.init(databaseId);
      await makeTables(database);
      await storeEvents(database, [eventOf({ at: '2025-10-16T08:00:00Z' })]);
      const retention = new UsageRetention({
        database,
        settings: SETTINGS,
        logger: mockServices.logger.mock(),
        clock: () => new Date('2026-11-21T12:00:00Z'),
      });
      await Promise.all([
        storeEvents(database, [eventOf()]),
        retention.expire(),
        storeEvents(database, [eventOf()]),
      ]);
      const sums = await database('usage_by_caller as u')
        .join('usage_series as s', 's.series', 'u.series')
        .join('usage_team_sets as t', 't.team_set', 'u.team_set')
        .where('t.team', 'group:default/payments')
        .pluck('requests');
      expect(sums.map(Number)).toEqual([2]);
    });
  },
);
