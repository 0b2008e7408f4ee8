const UNITS = [
  { name: 'day', seconds: 24 * 60 * 60 },
  { name: 'hour', seconds: 60 * 60 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
];

/**
 * Says how long something lasts, in the largest unit that needs no fraction.
 *
 * @param seconds - a whole number of seconds
 * @returns such as `8 hours`
 */
export function describeLifetime(seconds: number): string {
  const unit =
    UNITS.find(
      candidate =>
        seconds >= candidate.seconds && seconds % candidate.seconds === 0,
    ) ?? UNITS[UNITS.length - 1];
  const count = seconds / unit.seconds;
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}
