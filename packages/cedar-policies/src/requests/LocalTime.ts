import { DateTime } from 'luxon';

const MINUTE_MS = 60_000;

/** Hours and weekdays in one time zone. */
export class LocalTime {
  readonly #zone: string;
  #minute = NaN;
  #last = { hour: 0, weekday: 1 };

  /** @param zone - an IANA time zone, such as `Europe/Berlin` */
  constructor(zone: string) {
    this.#zone = zone;
  }

  /** @returns the hour, from 0, and the weekday, 1 to 7 from Monday (ISO 8601) */
  of(date: Date): { hour: number; weekday: number } {
    // Zones change at whole minutes; asking one takes longer than a decision may.
    const minute = Math.floor(date.getTime() / MINUTE_MS);
    if (minute !== this.#minute) {
      const { hour, weekday } = DateTime.fromJSDate(date, { zone: this.#zone });
      this.#last = { hour, weekday };
      this.#minute = minute;
    }
    return this.#last;
  }
}
