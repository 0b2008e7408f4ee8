import { readFileSync } from 'node:fs';
import type { Probe } from '../../probe/Probe';
import { Attribution, attributeProfile } from '../../profile/attributeProfile';
import type { Contender } from '../contenders/Contender';
import type { LoadGenerator } from '../load/LoadGenerator';
import type { Load } from '../measure/measureThroughput';

/** One connection shows where it waits, many what keeps the process busy. */
const LOADS: Load[] = [
  { exchange: { delivery: 'json', body: 'small' }, connections: 1 },
  { exchange: { delivery: 'json', body: 'small' }, connections: 32 },
  { exchange: { delivery: 'json', body: 'large' }, connections: 32 },
  { exchange: { delivery: 'burst', body: 'small' }, connections: 32 },
  { exchange: { delivery: 'paced', body: 'small' }, connections: 32 },
];

/** Where the time of the proxy went under one load. */
export interface ProxyProfile extends Load {
  calls: number;
  /** For Chrome's developer tools and other viewers. */
  file: string;
  attribution: Attribution;
}

/**
 * Profiles the backend while clients ask through the proxy, once for each load.
 *
 * @param options.proxy - warmed up
 * @param options.file - path of the profiles, to which the load is added
 * @param options.seconds - of each load
 */
export async function profileProxy(options: {
  load: LoadGenerator;
  proxy: Contender;
  probe: Probe;
  file: string;
  seconds: number;
}): Promise<ProxyProfile[]> {
  const { load, proxy, probe, seconds } = options;
  const profiles: ProxyProfile[] = [];
  for (const each of LOADS) {
    const { exchange, connections } = each;
    const file = `${options.file}-${exchange.delivery}-${exchange.body}-${connections}.cpuprofile`;
    const opened = await load.open({ target: proxy.target, ...each });
    const { requests } = await probe.profile(file, () => opened.run(seconds));
    profiles.push({
      ...each,
      calls: requests,
      file,
      attribution: attributeProfile(JSON.parse(readFileSync(file, 'utf8'))),
    });
  }
  return profiles;
}
