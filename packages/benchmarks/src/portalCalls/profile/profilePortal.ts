import { readFileSync } from 'node:fs';
import { Attribution, attributeProfile } from '../../profile/attributeProfile';
import type { Era } from '../client/McpConnection';
import type { Contenders } from '../contenders/startContenders';
import { callFor, openCallers } from '../measure/measureThroughput';
import type { AnswerSize } from '../toolServers/answers';

const WARM_UP_MS = 5_000;

/** One client shows where it waits, many what keeps the process busy. */
const LOADS: Array<{ era: Era; size: AnswerSize; clients: number }> = [
  { era: 'modern', size: 'small', clients: 1 },
  { era: 'modern', size: 'small', clients: 8 },
  { era: 'legacy', size: 'small', clients: 8 },
  { era: 'modern', size: 'large', clients: 8 },
];

/** Where the time of the portal went under one load. */
export interface PortalProfile {
  era: Era;
  size: AnswerSize;
  clients: number;
  calls: number;
  /** For Chrome's developer tools and other viewers. */
  file: string;
  attribution: Attribution;
}

/**
 * Profiles the backend while clients call through the portal, once for each
 * load.
 *
 * @param options.file - path of the profiles, to which the load is added
 * @param options.seconds - of each load
 */
export async function profilePortal(options: {
  contenders: Contenders;
  file: string;
  seconds: number;
}): Promise<PortalProfile[]> {
  const { contenders, seconds } = options;
  const portal = contenders.all.find(({ name }) => name === 'portal')!;
  const profiles: PortalProfile[] = [];
  for (const { era, size, clients } of LOADS) {
    const callers = await openCallers(portal, { era, size, clients });
    await callFor(callers, WARM_UP_MS);
    const file = `${options.file}-${era}-${size}-${clients}.cpuprofile`;
    const { ms } = await contenders.probe.profile(file, () =>
      callFor(callers, seconds * 1_000),
    );
    const attribution = attributeProfile(
      JSON.parse(readFileSync(file, 'utf8')),
    );
    profiles.push({
      era,
      size,
      clients,
      calls: ms.length,
      file,
      attribution,
    });
  }
  return profiles;
}
