import type { UsageInterval } from '@prompt-corner/plugin-ai-proxy-common';
import { DateTime } from 'luxon';
import { timeOf } from '../store';

const HOUR_MS = 3_600_000;

/** 1970-01-01 was a Thursday: the number of days from Monday to it. */
const DAYS_BEFORE_THURSDAY = 3;

/** Hours, as the roll-ups count them: `from` included, `to` not. */
export interface HourRange {
  from: number;
  to: number;
}

/**
 * Puts hours into days, weeks or months of a time zone, in SQL that both databases
 * have: neither knows the other's functions for time, and SQLite knows no zones.
 *
 * An hour belongs to the day in which it begins, by the clock of the zone. That
 * matters in zones that are half an hour off only.
 */
export class TimeBuckets {
  readonly #range: HourRange;
  readonly #interval: UsageInterval;
  readonly #zone: string;

  /** @param timeZone - an IANA name that is valid */
  constructor(range: HourRange, interval: UsageInterval, timeZone: string) {
    this.#range = range;
    this.#interval = interval;
    this.#zone = timeZone;
  }

  /**
   * SQL of a whole number for the bucket of an hour: ascending, and the same for all hours of it.
   *
   * @param hour - SQL of the hour
   */
  expression(hour: string): string {
    const day = () => `(${this.#localHour(hour)}) / 24`;
    switch (this.#interval) {
      case 'hour':
        return hour;
      case 'day':
        return day();
      case 'week':
        return `(${day()} + ${DAYS_BEFORE_THURSDAY}) / 7`;
      default:
        return this.#monthExpression(hour);
    }
  }

  /** When the bucket of this number begins: ISO 8601, with the offset of the time zone. */
  startOf(bucket: number): string {
    return this.#beginOf(bucket).toISO()!;
  }

  #beginOf(bucket: number): DateTime {
    const epoch = DateTime.fromObject({ year: 1970 }, { zone: this.#zone });
    switch (this.#interval) {
      case 'hour':
        return DateTime.fromJSDate(timeOf(bucket), { zone: this.#zone });
      case 'day':
        return epoch.plus({ days: bucket });
      case 'week':
        return epoch.plus({ days: bucket * 7 - DAYS_BEFORE_THURSDAY });
      default:
        return epoch.plus({ months: bucket });
    }
  }

  /** SQL of the hours since 1970-01-01T00:00 of the zone's own clock. */
  #localHour(hour: string): string {
    const offsets = this.#offsets();
    const last = offsets.pop()!;
    const cases = offsets.map(
      ({ until, minutes }) => `when ${hour} < ${until} then ${minutes}`,
    );
    const minutes = cases.length
      ? `case ${cases.join(' ')} else ${last.minutes} end`
      : last.minutes;
    return `(${hour} * 60 + ${minutes}) / 60`;
  }

  /** The zone's offsets in the range, each with the first hour that does not have it any more. */
  #offsets(): Array<{ until: number; minutes: number }> {
    const offsetAt = (hour: number) =>
      DateTime.fromJSDate(timeOf(hour), { zone: this.#zone }).offset;
    const { from, to } = this.#range;
    const offsets: Array<{ until: number; minutes: number }> = [];
    let minutes = offsetAt(from);
    // No zone changes twice in a day.
    for (let day = from; day < to; day += 24) {
      const next = Math.min(day + 24, to);
      if (offsetAt(next) !== minutes) {
        let until = day;
        while (offsetAt(until) === minutes) {
          until += 1;
        }
        offsets.push({ until, minutes });
        minutes = offsetAt(next);
      }
    }
    return [...offsets, { until: to, minutes }];
  }

  #monthExpression(hour: string): string {
    const first = DateTime.fromJSDate(timeOf(this.#range.from), {
      zone: this.#zone,
    }).startOf('month');
    const numberOf = (month: DateTime) =>
      (month.year - 1970) * 12 + month.month - 1;
    const cases: string[] = [];
    let month = first;
    for (;;) {
      const next = month.plus({ months: 1 });
      const until = Math.ceil(next.toMillis() / HOUR_MS);
      if (until >= this.#range.to) {
        break;
      }
      cases.push(`when ${hour} < ${until} then ${numberOf(month)}`);
      month = next;
    }
    return cases.length
      ? `case ${cases.join(' ')} else ${numberOf(month)} end`
      : String(numberOf(month));
  }
}
