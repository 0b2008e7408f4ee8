import {
  BUDGET_WINDOWS,
  BudgetWindow,
} from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { windowAt } from './windowAt';

const HOUR_MS = 60 * 60_000;

const at = (text: string, zone = 'UTC') =>
  DateTime.fromISO(text, { zone }).toMillis();

/** Both ends, as clocks in the zone show them. */
function clockTimes(window: BudgetWindow, zone: string, text: string) {
  const { startMs, endMs } = windowAt(window, zone, at(text, zone));
  return [startMs, endMs].map(ms =>
    DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm'),
  );
}

const hoursOf = (zone: string, text: string) => {
  const { startMs, endMs } = windowAt('day', zone, at(text, zone));
  return (endMs - startMs) / HOUR_MS;
};

describe('windows of budgets', () => {
  it('are those of the calendar, with weeks from Monday on', () => {
    const when = '2026-11-21T22:31:52.123';
    const zone = 'Europe/Berlin';
    expect(clockTimes('minute', zone, when)).toEqual([
      '2026-11-21 22:31',
      '2026-11-21 22:32',
    ]);
    expect(clockTimes('hour', zone, when)).toEqual([
      '2026-11-21 22:00',
      '2026-11-21 23:00',
    ]);
    expect(clockTimes('day', zone, when)).toEqual([
      '2026-11-21 00:00',
      '2026-11-22 00:00',
    ]);
    expect(clockTimes('week', zone, when)).toEqual([
      '2026-11-16 00:00',
      '2026-11-23 00:00',
    ]);
    expect(clockTimes('month', zone, when)).toEqual([
      '2026-11-01 00:00',
      '2026-12-01 00:00',
    ]);
  });

  it('end where months end, however long these are', () => {
    for (const [month, end] of [
      ['2027-01-31T23:59:59.999', '2027-02-01 00:00'],
      ['2027-02-28T12:00', '2027-03-01 00:00'],
      ['2028-02-29T23:59', '2028-03-01 00:00'],
      ['2026-12-31T23:59', '2027-01-01 00:00'],
    ]) {
      expect(clockTimes('month', 'America/New_York', month)[1]).toBe(end);
    }
  });

  it('are as long as days are on which clocks change', () => {
    expect(hoursOf('Europe/Berlin', '2026-03-29T12:00')).toBe(23);
    expect(hoursOf('Europe/Berlin', '2026-10-25T12:00')).toBe(25);
    expect(hoursOf('Australia/Lord_Howe', '2026-04-05T12:00')).toBe(24.5);
  });

  it('begin at one where a day has no midnight, and at the first of two', () => {
    expect(clockTimes('day', 'Africa/Cairo', '2026-04-24T12:00')).toEqual([
      '2026-04-24 01:00',
      '2026-04-25 00:00',
    ]);
    expect(hoursOf('America/Havana', '2026-11-01T12:00')).toBe(25);
    const first = windowAt(
      'day',
      'America/Havana',
      at('2026-11-01T04:30:00', 'UTC'),
    );
    const second = windowAt(
      'day',
      'America/Havana',
      at('2026-11-01T05:30:00', 'UTC'),
    );
    expect(second).toEqual(first);
  });

  it('follow one another without gaps, in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BUDGET_WINDOWS),
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.integer({ min: at('2024-01-01'), max: at('2037-12-31') }),
        (window, zone, ms) => {
          const found = windowAt(window, zone, ms);
          expect(found.startMs).toBeLessThanOrEqual(ms);
          expect(found.endMs).toBeGreaterThan(ms);
          expect(windowAt(window, zone, found.startMs)).toEqual(found);
          expect(windowAt(window, zone, found.endMs - 1)).toEqual(found);
          expect(windowAt(window, zone, found.endMs).startMs).toBe(found.endMs);
          expect(windowAt(window, zone, found.startMs - 1).endMs).toBe(
            found.startMs,
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each(['Africa/Cairo', 'America/Havana', 'America/Nuuk', 'Asia/Beirut'])(
    'follow one another on the days on which clocks change around midnight: %s',
    zone => {
      for (const month of [3, 4, 10, 11]) {
        const from = DateTime.utc(2026, month, 1).toMillis();
        let last = windowAt('day', zone, from);
        for (let hours = 0; hours < 31 * 24; hours += 0.5) {
          const ms = from + hours * HOUR_MS;
          const found = windowAt('day', zone, ms);
          expect(found.startMs <= ms && ms < found.endMs).toBe(true);
          expect([last.startMs, last.endMs]).toContain(found.startMs);
          last = found;
        }
      }
    },
  );
});
