const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const DATE = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
});

const STEPS: Array<{ unit: Intl.RelativeTimeFormatUnit; seconds: number }> = [
  { unit: 'year', seconds: 365 * 24 * 60 * 60 },
  { unit: 'month', seconds: 30 * 24 * 60 * 60 },
  { unit: 'day', seconds: 24 * 60 * 60 },
  { unit: 'hour', seconds: 60 * 60 },
  { unit: 'minute', seconds: 60 },
];

/**
 * Says how far away a time is, past or future.
 *
 * @param time - ISO 8601
 * @param nowMs - milliseconds since the epoch
 * @returns such as `3 hours ago`, `in 2 days`, `just now`
 */
export function describeTimeAgo(time: string, nowMs = Date.now()): string {
  const seconds = (Date.parse(time) - nowMs) / 1000;
  if (Number.isNaN(seconds)) {
    return time;
  }
  const step = STEPS.find(candidate => Math.abs(seconds) >= candidate.seconds);
  if (!step) {
    return seconds > 0 ? 'in less than a minute' : 'just now';
  }
  return RELATIVE.format(Math.trunc(seconds / step.seconds), step.unit);
}

/**
 * Says when something is or was, in the browser's time zone.
 *
 * @param time - ISO 8601
 */
export function describeDate(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : DATE.format(ms);
}
