import type { Style } from '../report';
import type { Attribution, Share } from './attributeProfile';

const ROWS = 30;

/**
 * Renders where the time of a process went, in microseconds a call.
 *
 * @param profile.title - under what load
 * @param profile.calls - how many were made meanwhile
 * @param profile.file - where the profile is, for viewers
 */
export function renderAttribution(
  profile: {
    title: string;
    calls: number;
    file: string;
    attribution: Attribution;
  },
  style: Style,
): string {
  const { title, calls, file, attribution } = profile;
  const { idleMs, busyMs } = attribution;
  const perCall = (ms: number) => ((ms * 1_000) / calls).toFixed(0);
  const table = (heading: string, shares: Share[]) =>
    style.table([
      [heading, 'us/call', 'share'],
      ...shares
        .slice(0, ROWS)
        .map(({ where, ms }) => [
          where,
          perCall(ms),
          `${((ms / busyMs) * 100).toFixed(1)} %`,
        ]),
    ]);
  return [
    style.heading(title),
    `${calls} calls, each ${perCall(busyMs)} us busy and ${perCall(
      idleMs,
    )} us idle, with the profiler at work. Profile: ${file}`,
    table('folder, with what it calls', attribution.byFolder),
    table('package, itself', attribution.byPackage),
    table('function here, with what it calls', attribution.byFunction),
  ].join('\n\n');
}
