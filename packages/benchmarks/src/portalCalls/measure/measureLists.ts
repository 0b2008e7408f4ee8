import { McpConnection } from '../client/McpConnection';
import type { Contenders } from '../contenders/startContenders';
import { toolsOf } from '../sizes';
import {
  Distribution,
  distributionOf,
} from '../../tokenChecks/load/LoadResult';
import { mean, Meter, type Transfer } from '../../measure';

const WARM_UP_ROUNDS = 5;

/** What listing all tools of a portal took. */
export interface Listing {
  tools: number;
  servers: number;
  /** `direct` asks all servers at once. */
  contender: 'direct' | 'portal';
  ms: Distribution;
  /** HTTP requests of one listing. */
  requests: number;
  bodyBytes: number;
  wireBytes: number;
}

/**
 * Lists tools at the portal and at the servers behind it, in turns.
 *
 * @param rounds - of each
 * @throws Error when tools are missing
 */
export async function measureLists(
  listings: Contenders['listings'],
  rounds: number,
): Promise<Listing[]> {
  const found: Listing[] = [];
  for (const { size, portal, servers } of listings) {
    const meter = new Meter();
    const open = (options: { url: string; token?: string }) =>
      McpConnection.open({ ...options, era: 'modern', fetch: meter.fetch });
    const throughPortal = await open(portal);
    const directly = await Promise.all(servers.map(url => open({ url })));
    const turns = [
      {
        contender: 'direct' as const,
        list: async () =>
          (await Promise.all(directly.map(each => each.listTools()))).flat(),
      },
      { contender: 'portal' as const, list: () => throughPortal.listTools() },
    ].map(turn => ({ ...turn, ms: [] as number[], sent: [] as Transfer[] }));
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const { list, ms, sent } of turns) {
        meter.reset();
        const start = performance.now();
        const names = await list();
        const tookMs = performance.now() - start;
        if (names.length < toolsOf(size)) {
          throw new Error(`${names.length} of ${toolsOf(size)} tools listed`);
        }
        if (round >= 0) {
          ms.push(tookMs);
          sent.push(meter.read());
        }
      }
    }
    found.push(
      ...turns.map(({ contender, ms, sent }) => ({
        tools: toolsOf(size),
        servers: servers.length,
        contender,
        ms: distributionOf(ms),
        requests: mean(sent.map(({ requests }) => requests)),
        bodyBytes: mean(sent.map(({ bodyBytes }) => bodyBytes)),
        wireBytes: mean(sent.map(({ wireBytes }) => wireBytes)),
      })),
    );
  }
  return found;
}
