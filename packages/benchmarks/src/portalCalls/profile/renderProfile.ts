import type { Style } from '../../report';
import { SIZE_TITLES } from '../budgets';
import { REVISIONS } from '../client/McpConnection';
import type { Share } from './attributeProfile';
import type { PortalProfile } from './profilePortal';

const ROWS = 30;

/** Renders where the portal's time went, in microseconds a call. */
export function renderProfile(profiles: PortalProfile[], style: Style): string {
  return profiles
    .flatMap(profile => {
      const { era, size, clients, calls, file, attribution } = profile;
      const { idleMs, busyMs } = attribution;
      const perCall = (ms: number) => ((ms * 1_000) / calls).toFixed(0);
      const table = (title: string, shares: Share[]) =>
        style.table([
          [title, 'us/call', 'share'],
          ...shares
            .slice(0, ROWS)
            .map(({ where, ms }) => [
              where,
              perCall(ms),
              `${((ms / busyMs) * 100).toFixed(1)} %`,
            ]),
        ]);
      return [
        style.heading(
          `${REVISIONS[era]}, ${SIZE_TITLES[size]}, clients: ${clients}`,
        ),
        `${calls} calls, each ${perCall(busyMs)} us busy and ${perCall(
          idleMs,
        )} us idle, with the profiler at work. Profile: ${file}`,
        table('folder, with what it calls', attribution.byFolder),
        table('package, itself', attribution.byPackage),
        table('function here, with what it calls', attribution.byFunction),
      ];
    })
    .join('\n\n');
}
