import type { BudgetWindow } from '@prompt-corner/plugin-ai-proxy-common';
import { DateTime } from 'luxon';

/** A span of time, from its start up to, and without, its end. */
export interface TimeSpan {
  /** Milliseconds since 1970. */
  startMs: number;
  /** Milliseconds since 1970. */
  endMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The calendar window in which a moment lies. Windows of one kind and zone follow
 * one another without gaps. Minutes and hours are those of UTC in all zones, so
 * that none of them is longer or shorter than the others. A day on which clocks
 * change has 23 or 25 hours, and begins at one o'clock where it has no midnight.
 *
 * @param atMs - milliseconds since 1970
 * @param timeZone - IANA name
 */
export function windowAt(
  window: BudgetWindow,
  timeZone: string,
  atMs: number,
): TimeSpan {
  switch (window) {
    case 'minute':
      return fixedWindow(MINUTE_MS, atMs);
    case 'hour':
      return fixedWindow(HOUR_MS, atMs);
    default:
      return calendarWindow(window, timeZone, atMs);
  }
}

function fixedWindow(lengthMs: number, atMs: number): TimeSpan {
  const startMs = Math.floor(atMs / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs };
}

function calendarWindow(
  window: 'day' | 'week' | 'month',
  timeZone: string,
  atMs: number,
): TimeSpan {
  const at = DateTime.fromMillis(atMs, { zone: timeZone });
  const start = firstMomentOf(at.startOf(window), timeZone);
  // From noon a day on the calendar is never skipped or repeated by a change of clocks.
  const next = start
    .set({ hour: 12 })
    .plus({ [window]: 1 })
    .startOf('day');
  return {
    startMs: start.toMillis(),
    endMs: firstMomentOf(next, timeZone).toMillis(),
  };
}

/** Where clocks go back at midnight, a day has two of them. */
function firstMomentOf(midnight: DateTime, timeZone: string): DateTime {
  const before = DateTime.fromMillis(midnight.toMillis() - 1, {
    zone: timeZone,
  });
  // Not by hasSame, for which the hour between the two is in both days (luxon 3.7).
  return before.day === midnight.day ? before.startOf('day') : midnight;
}
