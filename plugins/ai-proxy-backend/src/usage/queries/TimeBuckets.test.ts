import type { UsageInterval } from '@prompt-corner/plugin-ai-proxy-common';
import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { DateTime } from 'luxon';
import { hourOf, timeOf } from '../store';
import { runSql } from './runSql';
import { TimeBuckets } from './TimeBuckets';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

/** Where the buckets of some hours begin. */
async function startsOf(
  database: Knex,
  hours: { from: number; to: number },
  interval: UsageInterval,
  timeZone: string,
): Promise<string[]> {
  const buckets = new TimeBuckets(hours, interval, timeZone);
  const rows = await runSql<{ bucket: number | string }>(database, {
    text: `with recursive hours(hour) as (
        select ${
          hours.from
        } union all select hour + 1 from hours where hour + 1 < ${hours.to}
      ) select ${buckets.expression(
        'hour',
      )} as bucket from hours order by hour`,
    bindings: [],
  });
  return rows.map(({ bucket }) => buckets.startOf(Number(bucket)));
}

const hour = (time: string) => hourOf(new Date(time));

describe.each(databases.eachSupportedId())('TimeBuckets on %s', databaseId => {
  let database: Knex;
  beforeAll(async () => {
    database = await databases.init(databaseId);
  });

  it('begin days, weeks and months by the clock of the zone, also when it is set', async () => {
    // Summer time ends on 25 October 2026, a Sunday, at 01:00Z.
    const range = {
      from: hour('2026-10-24T21:00:00Z'),
      to: hour('2026-10-26T00:00:00Z'),
    };
    const of = async (interval: UsageInterval) =>
      startsOf(database, range, interval, 'Europe/Berlin');
    const days = await of('day');
    expect(days.slice(0, 2)).toEqual([
      '2026-10-24T00:00:00.000+02:00',
      '2026-10-25T00:00:00.000+02:00',
    ]);
    expect(
      days.filter(day => day === '2026-10-25T00:00:00.000+02:00'),
    ).toHaveLength(25);
    expect(days.at(-1)).toBe('2026-10-26T00:00:00.000+01:00');
    const weeks = await of('week');
    expect([weeks[0], weeks.at(-1)]).toEqual([
      '2026-10-19T00:00:00.000+02:00',
      '2026-10-26T00:00:00.000+01:00',
    ]);
    expect(new Set(await of('month'))).toEqual(
      new Set(['2026-10-01T00:00:00.000+02:00']),
    );
    expect((await of('hour')).slice(3, 5)).toEqual([
      '2026-10-25T02:00:00.000+02:00',
      '2026-10-25T02:00:00.000+01:00',
    ]);
  });

  it('agree with a calendar, for any zone and time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<UsageInterval>('hour', 'day', 'week', 'month'),
        fc.constantFrom(
          'UTC',
          'Europe/Berlin',
          'America/Los_Angeles',
          'Pacific/Auckland',
          'America/Sao_Paulo',
        ),
        fc.integer({
          min: hour('2020-01-01T00:00:00Z'),
          max: hour('2030-01-01T00:00:00Z'),
        }),
        fc.integer({ min: 1, max: 24 * 70 }),
        async (interval, zone, from, length) => {
          const starts = await startsOf(
            database,
            { from, to: from + length },
            interval,
            zone,
          );
          const expected = starts.map((_, n) =>
            DateTime.fromJSDate(timeOf(from + n), { zone })
              .startOf(interval)
              .toISO(),
          );
          expect(starts).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('count an hour in which a day begins with the day before, where zones are off by half an hour', async () => {
    // 18:30Z is midnight in India.
    const range = {
      from: hour('2026-11-20T18:00:00Z'),
      to: hour('2026-11-20T20:00:00Z'),
    };
    expect(await startsOf(database, range, 'day', 'Asia/Kolkata')).toEqual([
      '2026-11-20T00:00:00.000+05:30',
      '2026-11-21T00:00:00.000+05:30',
    ]);
  });
});
